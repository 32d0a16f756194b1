import type { RunRecord } from '../../core/record.ts';
import { namespace, type ShownSignOff } from '../../core/sign-off.ts';
import { calledIn, dutyText, entries, fidelityAsked } from '../../core/words.ts';
import { instant, markup, plural, scrolls, prose, type Markup } from './markup.ts';

/** What the policy asks for, who has signed, and how to check it. Signatures are made after the record, and bind its sha256. */
export function signoffSection(record: RunRecord, recordSha256: string, given: readonly ShownSignOff[]): Markup {
  const { signoff, run } = record;
  const roles = entries(signoff.roles);
  const next = roles.find(
    ([role, needed]) => given.filter((one) => one.role === role && one.decision === 'approve').length < needed,
  );
  const rows = roles.flatMap(([role, needed]) => {
    const mine = given.filter((one) => one.role === role);
    return mine.length === 0 ? [emptyRow(role, needed)] : mine.map((one) => row(one, needed));
  });
  const others = given.filter((one) => !Object.hasOwn(signoff.roles, one.role)).map((one) => row(one, 0));
  return markup`<section id="signoff" aria-labelledby="signoff-h"><h2 id="signoff-h">Sign-off</h2>${given.length === 0 && markup`<p>No one has signed this run.</p>`}${scrolls(
    'Sign-offs',
    markup`<table class="stacks"><thead><tr><th scope="col">Role</th><th scope="col" class="n">Needed</th><th scope="col">Decision</th><th scope="col">By</th><th scope="col">At</th><th scope="col">Comment</th></tr></thead><tbody>${rows}${others}</tbody></table>`,
  )}<p>The policy accepts a run that is at most ${signoff.maxAge} old and of ${fidelityAsked(signoff.fidelity)}${dutyText(signoff)}.</p>${next && markup`<p>The next to sign:</p><pre tabindex="0">${calledIn(record)} sign-off ${run.milestone} --role ${next[0]}</pre>`}<p>This page does not say whether the signatures are valid. The gate does, offline, and judges the evidence again:</p><pre tabindex="0">${calledIn(record)} gate ${run.milestone}</pre>${given.length > 0 && byHand(signoff.allowedSigners, given, recordSha256)}<p class="by">What is signed: <a href="record.json"><code>record.json</code></a>, sha256 <code class="hash">${recordSha256}</code>, which lists ${plural(record.manifest.length, 'file')} of evidence with their sha256.</p></section>`;
}

/** The signatures with ssh-keygen alone, in the run's folder. */
function byHand(signers: string, given: readonly ShownSignOff[], recordSha256: string): Markup {
  const lines = given.map(({ role, principal }, n) => {
    const file = `signoffs/${n + 1}-${role}.json`;
    return `ssh-keygen -Y verify -f "$REPOSITORY"/${signers} -I ${quoted(principal)} -n ${namespace} -s ${file}.sig < ${file}\n`;
  });
  return markup`<details class="measured"><summary><h3>Without verify</h3> <span class="by">in the run’s folder</span></summary><pre tabindex="0">${lines}sha256sum record.json   # ${recordSha256}, as each sign-off names it</pre></details>`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const emptyRow = (role: string, needed: number): Markup =>
  markup`<tr><th scope="row">${role}</th><td class="n" data-of="Needed">${needed}</td><td data-of="Decision">none yet</td><td></td><td></td><td></td></tr>`;

const row = (one: ShownSignOff, needed: number): Markup =>
  markup`<tr><th scope="row">${one.role}</th><td class="n" data-of="Needed">${needed}</td><td data-of="Decision" class="${one.decision === 'approve' ? 'good' : 'bad'}">${one.decision === 'approve' ? '✔ approved' : '✘ rejected'}${one.expires !== undefined && ` until ${instant(one.expires)}`}</td><td data-of="By">${one.principal} <code>${one.fingerprint.slice(0, 23)}…</code></td><td data-of="At">${instant(one.at)}</td><td data-of="Comment">${prose(one.comment)}</td></tr>`;
