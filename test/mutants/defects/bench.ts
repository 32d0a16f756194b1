import { type Mutant, blind, one } from '../mutant.ts';

const lib = 'engram-core/src/lib.rs';
const document = 'docs/reference/benchmark-results.md';
const operations = 'engram-core/benches/operations.rs';

export default [
  one(
    'another edition',
    'edition',
    'wrong-edition',
    'engram-cli/Cargo.toml',
    'edition.workspace = true',
    'edition = "2021"',
  ),
  one(
    'a nightly feature',
    'edition',
    'nightly-feature',
    lib,
    'pub mod graph;',
    '#![feature(never_type)]\npub mod graph;',
  ),
  one(
    'an image that is too old for the edition',
    'edition',
    'too-old',
    'deployments/docker/Dockerfile',
    'rust:1.88-slim',
    'rust:1.82-slim',
  ),
  {
    name: 'a toolchain that is too old for the edition',
    step: 'edition',
    code: 'too-old',
    edits: { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.80.0"\n' },
  },
  one(
    'a PASS over numbers that miss the target',
    'bench',
    'false-pass',
    document,
    '| 88 µs | 99 µs |',
    '| 12 ms | 13 ms |',
  ),
  one(
    'an operation that is slower than its objective',
    'bench',
    'limit-exceeded',
    'engram-core/src/store.rs',
    'let result = work(&mut self.lock());',
    'let result = work(&mut self.lock());\n        std::thread::sleep(Duration::from_millis(operation as u64 ^ 2));',
  ),
  one('a document without its thresholds', 'bench', 'no-thresholds', document, '## Regression thresholds', '## Others'),
  // A class that the document names and no pattern describes may be called otherwise.
  blind(
    one(
      'a benchmark of another name',
      'bench',
      'class-without-bench',
      operations,
      'Timed::of("recall"',
      'Timed::of("remember"',
    ),
  ),
  one(
    'a benchmark that panics',
    'bench',
    'run-failed',
    operations,
    'let store = Store::default();',
    'let store = Store::default();\n    assert!(store.len() > 1);',
  ),
  {
    name: 'results that the benchmark no longer writes',
    step: 'bench',
    code: 'stale-results',
    level: 'inconclusive',
    edits: {
      [operations]: [['../target/bench/engram.json', '../target/bench/other.json']],
      'target/bench/engram.json': '[{ "name": "store", "unit": "ns", "value": 1, "p50": 1, "p95": 1, "p99": 1 }]',
    },
  },
  blind(
    one(
      'a benchmark that measures nothing',
      'bench',
      'no-results',
      operations,
      'rows.iter().flat_map',
      'rows[..0].iter().flat_map',
    ),
  ),
  one(
    'a status without its memories',
    'engram-status',
    'output',
    'engram-cli/src/server.rs',
    '\\"memories\\":{}}}",',
    '\\"episodes\\":{}}}",',
  ),
  {
    name: 'a status that writes into the tree',
    step: 'engram-status',
    code: 'tree-changed',
    // The server runs meanwhile, and may have written it.
    level: 'inconclusive',
    edits: {
      'engram-cli/src/main.rs': [
        [
          '"status" => match http::get(&url, "/health") {',
          '"status" => match std::fs::write("vision.md", "x").and_then(|()| http::get(&url, "/health")) {',
        ],
      ],
      'vision.md': [['# Vision', '# Vision']],
    },
  },
  one(
    'a workspace that cargo does not accept',
    'edition',
    'metadata-failed',
    'Cargo.toml',
    'resolver = "3"',
    'resolver = "9"',
  ),
  one(
    'a promised package that is no member any more',
    'edition',
    'member-missing',
    'Cargo.toml',
    'members = ["engram-core", "engram-cli"]',
    'members = ["engram-core"]\nexclude = ["engram-cli"]',
  ),
  {
    name: 'a nightly toolchain',
    step: 'edition',
    code: 'nightly-toolchain',
    edits: { 'rust-toolchain.toml': '[toolchain]\nchannel = "nightly"\n' },
  },
] satisfies Mutant[];
