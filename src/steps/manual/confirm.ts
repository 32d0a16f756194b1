import { z } from 'zod';
import { AnyDuration } from '../../core/duration.ts';
import { defineStep, error, inconclusive, Judge, ms, type Answer, type StepContext } from '../../core/step.ts';

const params = z.strictObject({
  role: z.string().min(1).default('release-manager').describe('who must answer'),
  question: z.string().trim().min(1).describe('answered with yes or no; say what to look at'),
  about: z
    .array(z.string().min(1))
    .default([])
    .describe('files of the target that the answer is about; it names their sha256'),
  pictures: z
    .array(z.string().min(1))
    .default([])
    .describe('ids of steps whose pictures the answer is about; list them under `needs` too'),
  validFor: AnyDuration.optional().describe(
    'after this time the answer no longer counts, and the gate asks for a new one',
  ),
});
type Params = z.infer<typeof params>;

interface Observed {
  about: { path: string; sha256: string }[];
  missing: string[];
  /** Files that were no longer as they were shown when the answer came. */
  meanwhile?: string[];
  answer?: Answer;
}

const problems = {
  refused: error('A person answered no', 'see the comment'),
  'changed-meanwhile': inconclusive(
    'What the answer is about changed while the question was open',
    'look at it as it is now, and answer again',
  ),
  'about-missing': error('What the answer would be about is not there', 'correct the path, or make the file'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'manual/confirm',
  summary: 'A named role answers a question about named files.',
  description:
    'Asks on a terminal. Where nobody can be asked (no terminal, `--no-ask`, a pipe that says yes) the step stays *not reviewed*, and the run INCOMPLETE. The answer, with name, time and comment, is evidence, and bound to the sha256 of what it is about, as it was shown and still is when the answer comes: files, and the pictures of `grafana/screenshot` or `dashboards/preview`, whose paths in the run’s folder are shown with the question.',
  example: `- id: screenshots-reviewed
  uses: manual/confirm
  with:
    role: release-manager
    question: Do the four dashboards show data, and does the data look right?
    pictures: [dashboards-preview]
  needs: [dashboards-preview]`,
  params,
  facts: { 'confirm.by': 'who answered', 'confirm.at': 'when' },
  problems,
  timeout: '1h',
  locks: () => ['terminal'],
  title: (p) => p.question,
  plan: (p) => [`asks ${p.role}: ${p.question}`],
  async gather(p, ctx) {
    const about: Observed['about'] = [];
    const missing: string[] = [];
    for (const pattern of p.about) {
      const paths = await filesOf(pattern, ctx);
      if (paths.length === 0) missing.push(pattern);
      for (const path of paths) about.push({ path, sha256: await ctx.files.sha256(path) });
    }
    const files = [...about];
    for (const step of p.pictures) {
      const own = picturesOf(ctx, step);
      if (own.length === 0) missing.push(`the picture of step ${step}`);
      about.push(...own);
    }
    if (missing.length > 0) return { about, missing };
    const answer = await ctx.ask({ role: p.role, question: p.question, about });
    if (!answer) return { about, missing };
    return { about, missing, answer, ...(await changedSince(p, files, ctx)) };
  },
  judge(p, { about, missing, meanwhile = [], answer }) {
    const j = new Judge(problems);
    for (const path of missing)
      j.find('about-missing', `${path} is not there`, p.about.includes(path) ? { where: { file: path } } : {});
    if (missing.length > 0) return j.done();
    const what =
      about.length === 0
        ? ''
        : ` about ${about.map((one) => `${one.path} (sha256 ${one.sha256.slice(0, 12)}…)`).join(', ')}`;
    if (!answer) return j.pending(`waits for ${p.role}: ${p.question}${what}`).done();
    for (const path of meanwhile)
      j.find('changed-meanwhile', `${path} was no longer the file that was shown when ${answer.by} answered`, {
        where: { file: path },
      });
    if (meanwhile.length > 0) return j.done();
    j.fact('confirm.by', answer.by).fact('confirm.at', answer.at);
    const until = p.validFor === undefined ? undefined : new Date(Date.parse(answer.at) + ms(p.validFor)).toISOString();
    j.confirmed({
      role: p.role,
      question: p.question,
      ...answer,
      about,
      ...(until !== undefined && { expires: until }),
    });
    const comment = answer.comment === '' ? '' : `: ${answer.comment}`;
    return j
      .check(
        answer.answer === 'yes',
        `${answer.by} (${p.role}) confirmed at ${answer.at}${what}${comment}`,
        'refused',
        `${answer.by} (${p.role}) answered no${what}${comment}`,
      )
      .done();
  },
});

async function filesOf(pattern: string, ctx: StepContext): Promise<string[]> {
  return (await ctx.files.kind(pattern)) === 'file' ? [pattern] : ctx.files.glob([pattern], { outputs: true });
}

/** A person answers about what was shown: files that were written, removed or added before the answer came. */
async function changedSince(
  p: Params,
  shown: Observed['about'],
  ctx: StepContext,
): Promise<Pick<Observed, 'meanwhile'>> {
  const before = new Map(shown.map(({ path, sha256 }) => [path, sha256]));
  const now = new Set((await Promise.all(p.about.map((pattern) => filesOf(pattern, ctx)))).flat());
  const meanwhile: string[] = [];
  for (const path of new Set([...now, ...before.keys()])) {
    const sha256 = now.has(path) ? await ctx.files.sha256(path) : undefined;
    if (sha256 !== before.get(path)) meanwhile.push(path);
  }
  return meanwhile.length > 0 ? { meanwhile: meanwhile.toSorted() } : {};
}

/** The pictures that a step has kept, by the facts that it measured: `picture.<file>` = sha256. */
function picturesOf(ctx: StepContext, step: string): Observed['about'] {
  return Object.keys(ctx.facts())
    .filter((name) => name.startsWith('picture.'))
    .flatMap((name) => {
      const sha256 = ctx.fact(`${step}/${name}`);
      return typeof sha256 === 'string' ? [{ path: `evidence/${step}/${name.slice('picture.'.length)}`, sha256 }] : [];
    });
}
