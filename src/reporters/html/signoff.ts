import type { RunRecord } from '../../core/record.ts';
import { entries } from '../../core/words.ts';
import { markup, plural, type Markup } from './markup.ts';

/** What the policy asks for. Signatures are made after the record and bind its sha256; they are checked by `verify gate`. */
export function signoffSection(record: RunRecord, recordSha256: string): Markup {
  const { signoff, run } = record;
  const role = entries(signoff.roles)[0]?.[0] ?? 'release-manager';
  return markup`<section id="signoff" aria-labelledby="signoff-h"><h2 id="signoff-h">Sign-off</h2><p> No signature was given when this page was made: it is made with the record, and what is signed is the record’s sha256.</p><table><thead><tr><th scope="col">Role</th><th scope="col" class="n">Approvals needed</th><th scope="col">Given</th></tr></thead><tbody>${Object.entries(
    signoff.roles,
  ).map(
    ([name, n]) => markup`<tr><th scope="row">${name}</th><td class="n">${n}</td><td>none</td></tr>`,
  )}</tbody></table><p> Policy: at most ${signoff.maxAge} old, fidelity ${signoff.fidelity}${signoff.separationOfDuty && ', nobody signs their own change'}.</p><pre tabindex="0"> verify sign-off ${run.milestone} --role ${role} verify gate ${run.milestone}</pre><p> Record: <a href="record.json"><code>record.json</code></a>, sha256 <code class="hash">${recordSha256}</code>, with the sha256 of ${plural(record.manifest.length, 'file')} of evidence.</p></section>`;
}
