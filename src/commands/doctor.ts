import { milestonesHere } from '../checklist/find.ts';
import { exit } from '../core/errors.ts';
import type { Driver, Requirement } from '../core/step.ts';
import { passwordsOf } from '../stack/passwords.ts';
import { toolVersion } from '../hosts/tools.ts';
import { allTools } from '../toolchains/tools.ts';
import { asCalled } from './called-as.ts';
import { finderHere, needsOfSteps, replacedHere, signOffOutlook, whatStandsIn, type Check } from './doctor-checks.ts';
import { load, type LoadOptions, stdoutPainter } from './shared.ts';
import { driverLine, lookAtStack } from './stack-forecast.ts';

/** `verify doctor [milestone]`: is what the checklist needs from the machine there, and how would its stack come up? 12 where something is missing. */
export async function doctorCommand(
  name: string | undefined,
  options: LoadOptions & { driver?: Driver },
): Promise<number> {
  const paint = stdoutPainter();
  const needed = new Map<string, { tool: Requirement; steps: string[] }>();
  let stack: Awaited<ReturnType<typeof lookAtStack>>;
  let checks: Check[] = [];
  let outlook: Check[] = [];
  let standIns: Check[] = [];
  if (name === undefined) for (const tool of allTools) needed.set(tool.name, { tool, steps: [] });
  else {
    const loaded = await load(name, options);
    stack = await lookAtStack(loaded, options.driver ?? 'auto', true);
    const here = await finderHere(loaded, stack?.forecast);
    const replaced = await replacedHere(loaded, here);
    const given = new Set(passwordsOf(loaded.stack, stack?.forecast.driver ?? 'auto'));
    outlook = await signOffOutlook(loaded);
    standIns = await whatStandsIn(loaded, here);
    for (const own of loaded.steps) {
      const step = replaced.has(own.spec.id) ? (own.standIn ?? own) : own;
      for (const tool of step.type.requires?.(step.params) ?? [])
        needed.set(tool.name, { tool, steps: [...(needed.get(tool.name)?.steps ?? []), step.spec.id] });
    }
    checks = needsOfSteps(loaded, process.env, replaced, given).filter(({ text, steps }) => {
      needed.get(text)?.steps.push(...steps);
      return !needed.has(text);
    });
  }
  let missing = 0;
  for (const [own, { tool, steps }] of [...needed].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const found = await toolVersion(tool);
    if (found === undefined) missing++;
    const line =
      found === undefined
        ? `${name === undefined ? paint('yellow', '–') : paint('red', '✘')} ${own}: not found. ${tool.remedy}`
        : `${paint('green', '✔')} ${own}: ${found}`;
    process.stdout.write(`${line}${steps.length > 0 ? paint('dim', `  (${steps.join(', ')})`) : ''}\n`);
  }
  const sign = { ok: paint('green', '✔'), unsure: paint('yellow', '⚠'), missing: paint('red', '✘') };
  for (const { state, text, remedy, steps } of checks) {
    if (state === 'missing') missing++;
    process.stdout.write(
      `${sign[state]} ${text}${remedy === undefined ? '' : `. ${remedy}`}${paint('dim', `  (${steps.join(', ')})`)}\n`,
    );
  }
  if (stack) {
    const { forecast, steps } = stack;
    process.stdout.write(
      `${paint('bold', 'stack')}: ${driverLine(forecast)}${paint('dim', `  (${steps.join(', ')})`)}\n`,
    );
    for (const { state, text, remedy } of forecast.checks) {
      if (state === 'missing') missing++;
      process.stdout.write(`  ${sign[state]} ${text}${remedy === undefined ? '' : `\n      ${remedy}`}\n`);
    }
  }
  for (const { state, text, remedy } of standIns)
    process.stdout.write(`${sign[state]} ${text}${remedy === undefined ? '' : `\n      ${remedy}`}\n`);
  if (outlook.length > 0)
    process.stdout.write(`${paint('bold', 'sign-off')}: this would keep a run from being approved\n`);
  for (const { text, remedy } of outlook) process.stdout.write(`  ${sign.unsure} ${text}\n      ${remedy}\n`);
  process.stdout.write(
    missing === 0
      ? checks.some(({ state }) => state === 'unsure')
        ? 'What the run needs in any case is here.\n'
        : 'Everything that the run needs is here.\n'
      : name === undefined
        ? asCalled(
            `${missing} of the programs that steps may ask for ${missing === 1 ? 'is' : 'are'} not here. What a checklist needs: verify doctor ${milestonesHere(process.cwd())[0] ?? 'MILESTONE'}\n`,
          )
        : `${missing} missing: the steps that need ${missing === 1 ? 'it' : 'them'} would be inconclusive.\n`,
  );
  return missing === 0 || name === undefined ? exit.passed : exit.inconclusive;
}
