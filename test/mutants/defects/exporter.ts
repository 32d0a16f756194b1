import { one, type Mutant } from '../mutant.ts';

const exporter = 'engram-core/src/metrics/prometheus.rs';

export default [
  one('buckets that are not cumulative', 'exporter', 'false-histogram', exporter, 'so_far += n;', 'so_far = n;'),
  one(
    'a metric of another type',
    'exporter',
    'wrong-type',
    exporter,
    '"counter",\n        "Memory operations."',
    '"gauge",\n        "Memory operations."',
  ),
  one(
    'a metric declared twice',
    'exporter',
    'bad-exposition',
    exporter,
    '    head(\n        &mut out,\n        "engram_tier_episodes",',
    '    head(&mut out, "engram_build_info", "gauge", "Again.");\n    head(\n        &mut out,\n        "engram_tier_episodes",',
  ),
] satisfies Mutant[];
