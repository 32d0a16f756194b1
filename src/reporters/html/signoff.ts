import type { RunRecord } from '../../core/record.ts';
import type { ShownSignOff } from '../../core/sign-off.ts';
import { entries } from '../../core/words.ts';
import { markup, plural, type Markup } from './markup.ts';
import { scrolls } from './tables.ts';

/** What the policy asks for, and who has signed. Signatures are made after the record, and bind its sha256. */
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
  return markup`<section id="signoff" aria-labelledby="signoff-h"><h2 id="signoff-h">Sign-off</h2>${given.length === 0 && markup`<p>No one has signed this run.</p>`}${scrolls(
    'Sign-offs',
    markup`<table><thead><tr><th scope="col">Role</th><th scope="col" class="n">Needed</th><th scope="col">Decision</th><th scope="col">By</th><th scope="col">At</th><th scope="col">Comment</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}<p>Policy: a run at most ${signoff.maxAge} old, fidelity ${signoff.fidelity}${signoff.separationOfDuty && ', nobody signs their own change'}.</p>${next && markup`<p>The next to sign:</p><pre tabindex="0">verify sign-off ${run.milestone} --role ${next[0]}</pre>`}<p>Whether signatures hold is said by the gate, offline, not by this page:</p><pre tabindex="0">verify gate ${run.milestone}</pre><p>What is signed: <a href="record.json"><code>record.json</code></a>, sha256 <code class="hash">${recordSha256}</code>, which names ${plural(record.manifest.length, 'file')} of evidence with theirs.</p></section>`;
}

const emptyRow = (role: string, needed: number): Markup =>
  markup`<tr><th scope="row">${role}</th><td class="n">${needed}</td><td>none yet</td><td></td><td></td><td></td></tr>`;

const row = (one: ShownSignOff, needed: number): Markup =>
  markup`<tr><th scope="row">${one.role}</th><td class="n">${needed}</td><td class="${one.decision === 'approve' ? 'good' : 'bad'}">${one.decision === 'approve' ? 'approved' : 'rejected'}${one.expires !== undefined && ` until ${one.expires}`}</td><td>${one.principal} <code>${one.fingerprint.slice(0, 23)}…</code></td><td>${one.at}</td><td>${one.comment}</td></tr>`;
