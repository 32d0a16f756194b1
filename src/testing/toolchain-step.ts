import { z } from 'zod';
import { defineStep, ownPath, type StepType } from '../core/step.ts';
import { ranCommands } from '../repository/ran-commands.ts';
import { countNamed, namedRunners } from '../formats/test-runners/judge-output.ts';
import type { SharedParams, Tests, Toolchain } from '../toolchains/contract.ts';
import { judgeTests } from './judge.ts';
import { outsideOf } from '../toolchains/outside-settings.ts';
import { observeTests } from './observe.ts';
import type { ObservedTests } from './observed.ts';
import { testFacts, CoverageOfRunner, expectations, type CoverageRules, type Expectations } from './parameters.ts';
import { problems } from './problems.ts';

type Params = SharedParams & Expectations & { coverage?: CoverageRules | undefined };

/** The step type `<toolchain>/test` of a toolchain that can run tests. @throws Error where it cannot */
export function testStep(toolchain: Toolchain): StepType<Params, ObservedTests> {
  const { name, title, tools, ambient } = toolchain;
  const tests: Tests<object> | undefined = toolchain.tests;
  if (!tests) throw new Error(`${name} runs no tests`);
  return defineStep<Params, ObservedTests>({
    kind: `${name}/test`,
    summary: tests.summary,
    description: `${tests.description}\n\nNothing in the repository is changed for it. Each failing test is a finding with its file and line; no test executed is an error; a missing program or packages that are not installed are inconclusive. Results are judged as \`tests/results\` judges them.`,
    example: tests.example,
    params: z.strictObject({
      cwd: ownPath.or(z.literal('')).default('').describe(`folder of the ${title} project, relative to the target`),
      env: z.record(z.string(), z.string()).default({}),
      args: z.array(z.string()).default([]).describe('further words for the runner, as they stand'),
      ...tests.params,
      ...expectations,
      coverage: CoverageOfRunner.optional().describe('has the runner measure coverage, and what it must be'),
    }),
    facts: testFacts,
    problems,
    timeout: '20m',
    requires: () => tools.slice(0, 1).map((one) => ({ ...one })),
    ...(tests.locks && { locks: () => [...(tests.locks ?? [])] }),
    plan: (p) => [`${tests.plan(p)}   (at least ${p.minimum} executed${p.coverage ? ', with coverage' : ''})`],
    title: (p) => `${title} tests${p.cwd === '' ? '' : ` of ${p.cwd}`}`,
    async gather(p, ctx) {
      const results = ctx.evidence.scratch();
      const coverage = p.coverage && ctx.evidence.scratch();
      const command = await tests.command(p, ctx, { results, coverage });
      if ('missing' in command) return observeTests({ files: [], expected: p, cannot: command }, ctx);
      return observeTests(
        {
          run: {
            argv: command.argv,
            env: command.env,
            cwd: p.cwd,
            printed: command.printed === true,
            unprepared: (result, broken) => tests.unprepared(result, p, ctx, broken),
            remedy: tools[0]?.remedy,
          },
          files: command.writes ?? [],
          ...(command.printed !== true && command.counted === undefined && !command.writes && { folder: results }),
          expected: p,
          ...(p.coverage && {
            coverage: {
              rules: p.coverage,
              files: command.coverage ?? [],
              ...(!command.coverage && coverage !== undefined && { folder: coverage }),
            },
          }),
          silenced: await outsideOf(ambient, p, ctx),
          async count({ stdout, stderr }) {
            const named = namedRunners(
              await ranCommands(command.argv, undefined, p.cwd === '' ? '.' : p.cwd, ctx.files),
            );
            const closing = command.counted === 'stderr';
            return countNamed(named, closing ? [stderr] : [stdout, stderr], closing).map(
              ({ runner, executed, failed, says }) => ({
                runner,
                executed,
                failed,
                says,
              }),
            );
          },
        },
        ctx,
      );
    },
    judge: (p, observed) => judgeTests(p, observed, `the ${title} tests`).done(),
  });
}
