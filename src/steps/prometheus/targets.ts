import { z } from 'zod';
import { defineStep, Duration, error, Judge, poll, showDuration, warning } from '../../core/step.ts';
import { drillLabel } from '../../clients/drill-samples.ts';
import { ask, identity, prometheusParams, TargetsData } from '../../clients/prometheus.ts';

const params = z.strictObject({
  ...prometheusParams,
  jobs: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        min: z.int().min(1).default(1).describe('targets of this job that must be up'),
      }),
    )
    .min(1)
    .describe('the jobs that are promised'),
  others: z.enum(['up', 'ignore']).default('up').describe('what is required of the targets of other jobs'),
  within: Duration.default('45s').describe(
    'how long to wait for the first scrapes: a young Prometheus has no targets at all for about 5 s',
  ),
});
type Params = z.infer<typeof params>;

interface Target {
  job: string;
  url: string;
  health: string;
  error: string;
  /** True where it was scraped after the run began. */
  ofThisRun: boolean;
}
interface Observed {
  version: string;
  targets: Target[];
  waitedMs: number;
}

const problems = {
  'job-missing': error(
    'Prometheus has no target of a promised job',
    'see scrape_configs of the configuration that is really loaded',
  ),
  'target-down': error('A target is down', 'is the port and path right, and does the service listen there?'),
  'too-few-targets': error('Fewer targets of a job are up than promised', 'see the targets page of Prometheus'),
  'not-scraped': error(
    'A target was not scraped during this run',
    'its last scrape is from before: the interval may be longer than `within`',
  ),
  'other-target-down': warning(
    'A target of another job is down',
    'take the job out of the configuration, or name it under jobs',
  ),
} as const;

export default defineStep<Params, Observed>({
  kind: 'prometheus/targets',
  summary: 'The promised scrape jobs are up, scraped during this run.',
  description: `Asks \`/api/v1/targets\` until every promised job has its targets up with a scrape later than the run's start, at most \`within\`. An empty list right after the start of Prometheus means pending, not failed; after \`within\` it is a failure.`,
  example: `- id: targets
  uses: prometheus/targets
  with:
    url: \${{ facts.stack.prometheus.url }}
    jobs: [{ name: engram }]`,
  params,
  facts: {
    'targets.up': 'targets that are up',
    'targets.count': 'targets in all',
    'prometheus.version': 'version of the Prometheus that answered',
  },
  problems,
  timeout: '90s',
  plan: (p) => [
    `GET ${p.url}/api/v1/targets until ${p.jobs.map((job) => job.name).join(', ')} are up, at most ${p.within}`,
  ],
  async gather(p, ctx) {
    const version = await identity(ctx, p);
    const look = async (waitedMs: number): Promise<Observed> => {
      const answer = await ask(ctx, p, 'targets', { state: 'active' });
      const data = TargetsData.parse(answer.data ?? { activeTargets: [] });
      const targets = data.activeTargets
        .filter(({ labels }) => !(drillLabel in labels))
        .map((target): Target => ({
          job: target.labels['job'] ?? target.scrapePool,
          url: target.scrapeUrl,
          health: target.health,
          error: target.lastError,
          ofThisRun: Date.parse(target.lastScrape) >= ctx.runStartedAt,
        }));
      return { version, targets, waitedMs };
    };
    return poll(ctx, {
      within: p.within,
      every: 500,
      look,
      // A target that was not asked for cannot make the step fail, so it is not waited for.
      done: (observed) => judge(p, observed).findings.every((f) => f.level === 'warning'),
      waiting: ({ targets }, waited) =>
        `${targets.filter((t) => t.health === 'up').length} of ${targets.length} targets up, ${showDuration(waited)}`,
    });
  },
  judge: (p, observed) => judge(p, observed),
});

function judge(p: Params, { version, targets, waitedMs }: Observed) {
  const j = new Judge(problems);
  j.fact('prometheus.version', version);
  j.fact('targets.count', targets.length).fact('targets.up', targets.filter((t) => t.health === 'up').length);
  const after = `after ${showDuration(waitedMs)}`;
  for (const job of p.jobs) {
    const mine = targets.filter((target) => target.job === job.name);
    if (mine.length === 0) {
      j.find(
        'job-missing',
        `no target of the job ${job.name} ${after}; there are ${[...new Set(targets.map((t) => t.job))].join(', ') || 'none at all'}`,
        { subject: job.name },
      );
      continue;
    }
    for (const target of mine) {
      const subject = `${job.name} ${target.url}`;
      if (target.health !== 'up')
        j.find('target-down', `${subject} is ${target.health} ${after}: ${target.error || 'not scraped yet'}`, {
          subject: job.name,
        });
      else
        j.check(
          target.ofThisRun,
          `${subject} is up and was scraped during this run`,
          'not-scraped',
          `${subject} was not scraped since the run began`,
          { subject: job.name },
        );
    }
    if (mine.length < job.min)
      j.find('too-few-targets', `${mine.length} targets of ${job.name}, expected at least ${job.min}`, {
        subject: job.name,
      });
  }
  if (p.others === 'up') {
    for (const target of targets.filter((t) => t.health === 'down' && !p.jobs.some((job) => job.name === t.job)))
      j.find('other-target-down', `${target.job} ${target.url}: ${target.error}`, { subject: target.job });
  }
  return j.done();
}
