import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { asCalled } from './called-as.ts';
import { exit, UserError } from '../core/errors.ts';
import type { GateAnswer } from '../core/sign-off.ts';
import { accepted } from '../core/waive.ts';
import { plural } from '../core/words.ts';
import { mayReplace } from '../evidence/own-mark.ts';
import { neutral } from '../evidence/redact.ts';
import { writeAtomically } from '../evidence/store.ts';
import { readBundle } from '../signoff/bundle.ts';
import type { SignOff } from '../signoff/decisions.ts';
import { isExport, testResult, verificationSummary } from '../signoff/exports.ts';
import { examine, judgeGate, type Examined } from '../signoff/gate.ts';
import { codeOf, inOrder, Reasons } from '../signoff/reason.ts';
import { checkCarried } from './carried.ts';
import { findRun, gather, gateTools } from './gate-facts.ts';
import { load, version, type LoadOptions, stdoutPainter } from './shared.ts';

export interface GateOptions extends LoadOptions {
  reports?: string;
  run?: string;
  before?: string;
  commit?: string;
  policyFrom?: string;
  json?: boolean;
  export?: string;
}

/** `verify gate <milestone>`: may the next milestone begin? Offline; writes nothing but what --export asks for. */
export async function gateCommand(name: string, options: GateOptions): Promise<number> {
  const loaded = await load(name, options);
  const { milestone } = loaded.checklist;
  if (options.before === milestone)
    throw new UserError(exit.usage, `--before ${options.before}: a milestone does not come before itself`);
  const exported = options.export === undefined ? undefined : exportsOf(resolve(options.export), milestone);
  // What an earlier gate said must not be taken for the answer of one that could not read the run.
  for (const path of Object.values(exported ?? {})) {
    mayReplace(path, isExport, 'give --export another folder, or remove it first');
    rmSync(path, { force: true });
  }
  const { answer, run } = await askGate(loaded, options);
  if (exported && run) exportTo(exported, run, answer);
  process.stdout.write(options.json === true ? `${JSON.stringify(answer, undefined, 1)}\n` : text(answer, run));
  return answer.code;
}

/**
 * What the gate says of a run of the milestone, now.
 * @throws UserError 64, 66 where there is no such run, or what the options name is not there
 */
export async function askGate(
  loaded: LoadedChecklist & { targetPath: string },
  options: { [K in 'reports' | 'run' | 'before' | 'commit' | 'policyFrom']?: string | undefined },
): Promise<{ answer: GateAnswer; run: Examined | undefined }> {
  const now = Date.now();
  const { milestone } = loaded.checklist;
  const { folder, id } = findRun(resolve(options.reports ?? 'reports'), milestone, options.run);
  const reasons = new Reasons();
  const bundle = readBundle(folder);
  const run = await examine(bundle, gateTools, reasons);
  let counted: SignOff[] = [];
  let notices: string[] = [];
  if (run) {
    const subject = {
      target: loaded.targetPath,
      checklist: loaded,
      commit: options.commit,
      policyFrom: options.policyFrom,
    };
    const { facts, files } = await gather(subject, run.record);
    ({ counted, notices } = judgeGate({ run, bundle, milestone, facts, files, tools: gateTools, now }, reasons));
    notices.push(...(await checkCarried(folder, bundle, 'gate', reasons)));
  }
  const code = codeOf(reasons.all);
  const answer = {
    milestone,
    ...(options.before !== undefined && { before: options.before }),
    run: id,
    folder,
    passed: code === exit.passed,
    code,
    at: new Date(now).toISOString(),
    ...(run && { verdict: run.record.verdict, commit: run.record.tree.commit, recordSha256: run.recordSha256 }),
    approvals: counted.map(({ said }) => ({ role: said.role, by: said.principal, key: said.key, at: said.at })),
    waived: run ? accepted(run.record.steps) : [],
    reasons: inOrder(reasons.all),
    notices,
  };
  return { answer, run };
}

const exportsOf = (folder: string, milestone: string): { result: string; summary: string } => ({
  result: join(folder, `${milestone}.test-result.json`),
  summary: join(folder, `${milestone}.vsa.json`),
});

function exportTo({ result, summary }: ReturnType<typeof exportsOf>, run: Examined, answer: GateAnswer): void {
  mkdirSync(dirname(result), { recursive: true });
  const gate = { passed: answer.passed, at: answer.at, recordSha256: run.recordSha256, toolVersion: version };
  writeAtomically(result, testResult(run.record));
  writeAtomically(summary, verificationSummary(run.record, gate));
}

function text(answer: GateAnswer, run: Examined | undefined): string {
  const paint = stdoutPainter();
  const out: string[] = [];
  const line = (words: string): string => asCalled(neutral(words).replaceAll('\n', ' '));
  for (const notice of answer.notices) out.push(paint('yellow', `! ${line(notice)}`));
  for (const { code, text: reason, todo } of answer.reasons)
    out.push(`${paint('red', `✘ ${code}`)} ${line(reason)} ${paint('dim', `→ ${line(todo)}`)}`);
  const { waived } = answer;
  for (const { step, what, why } of waived)
    out.push(paint('yellow', `≈ waived in ${line(step)}: ${line(what)}: ${line(why)}`));
  const what = `${answer.milestone}, run ${answer.run}`;
  if (answer.passed) {
    const by = line(answer.approvals.map((one) => `${one.by} (${one.role})`).join(', '));
    const next = answer.before === undefined ? '' : `; ${answer.before} may begin`;
    out.push(
      `${paint('bold', paint('green', 'GATE OPEN'))}  ${what}, commit ${run?.record.tree.commit?.slice(0, 12)}: approved by ${by}, ${waived.length === 0 ? 'nothing waived' : plural(waived.length, 'waiver')}${next}.`,
    );
  } else {
    const n = answer.reasons.length;
    out.push(
      `${paint('bold', paint('red', 'GATE SHUT'))}  ${what}: ${n} ${n === 1 ? 'reason' : 'reasons'}, exit code ${answer.code}.`,
    );
  }
  return `${out.join('\n')}\n`;
}
