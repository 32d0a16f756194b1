import { markup, signOf, coded, type Markup } from '../../reporters/html/markup.ts';
import { verdictMark } from '../../reporters/html/summary.ts';
import type { Ballot, SigningView } from '../desk.ts';
import { form, hidden, room, type Room } from '../layout.ts';

export interface Draft {
  ballot: string;
  decision: string;
  comment: string;
}

/** Names a role and a key in one value of the form. */
export const ballotName = ({ role, fingerprint }: Pick<Ballot, 'role' | 'fingerprint'>): string =>
  `${role} ${fingerprint}`;

const passphrase: Record<SigningView['asking'], string> = {
  terminal:
    'If the key has a passphrase and no agent holds it, ssh-keygen asks for it in the terminal in which verify serve runs. It is never typed into this page.',
  window:
    'If the key has a passphrase and no agent holds it, ssh-keygen asks for it in a window of this desktop. It is never typed into this page.',
  nobody:
    'A key with a passphrase signs only if an agent holds it: run ssh-add in a terminal first. The passphrase is never typed into this page.',
};

/** The summary that `verify sign-off` shows, and the form to sign it. */
export function signPage(where: Room, view: SigningView, draft?: Draft, trouble?: Markup): string {
  const { summary } = view;
  const accepts = summary.verdict === 'PASSED' && summary.said !== summary.verdict;
  const body = markup`<header><p class="by">Sign · <b>${where.desk.milestone}</b></p><h1>${summary.title}</h1></header>${trouble}<section class="verdict v-${summary.verdict}${accepts && ' with-waivers'}" aria-labelledby="verdict-h"><h2 id="verdict-h"><span class="mark" aria-hidden="true">${accepts ? signOf('waived') : verdictMark[summary.verdict]}</span> ${summary.said}</h2><p class="meaning">${summary.meaning}</p><p>${summary.run}</p></section><section aria-labelledby="what-h"><h2 id="what-h">What is signed</h2><ul class="lines">${summary.facts.map((line) => markup`<li>${line}</li>`)}<li>record.json, sha256 <code class="hash">${view.recordSha256}</code></li></ul>${summary.blocks.map(
    ({ title, lines }) =>
      markup`<h3>${title}</h3><ul class="lines">${lines.map((line) => markup`<li>${line}</li>`)}</ul>`,
  )}<p><a href="runs/${view.runId}/FINAL_STATUS.html">The whole report</a>${view.pictures && markup` · <a href="pictures?run=${view.runId}">The pictures</a>`}</p></section>${objections(view)}${decision(where, view, draft)}`;
  return room(where, 'sign', 'Sign', body);
}

function objections({ reasons, signable }: SigningView): Markup | undefined {
  if (reasons.length === 0) return undefined;
  return markup`<section aria-labelledby="why-h"><h2 id="why-h">Why it cannot be ${signable ? 'approved' : 'signed'}</h2><ul class="lines">${reasons.map(
    ({ code, text, todo }) => markup`<li><b>${code}</b> ${text}<span class="todo">→ ${coded(todo)}</span></li>`,
  )}</ul></section>`;
}

function decision(where: Room, view: SigningView, draft: Draft | undefined): Markup | undefined {
  if (!view.signable) return undefined;
  const able = view.ballots.filter((ballot) => ballot.principal !== undefined);
  const unable = view.ballots.filter((ballot) => ballot.principal === undefined);
  const approvable = view.reasons.length === 0;
  const refused =
    unable.length > 0 &&
    markup`<details${able.length === 0 && markup` open`}><summary>${able.length === 0 ? 'No key at hand may sign' : 'Keys that may not sign'}</summary><ul class="lines">${unable.map(
      (ballot) =>
        markup`<li><b>${ballot.role}</b>${ballot.fingerprint !== '' && markup`, key <code class="hash">${ballot.fingerprint}</code> ${ballot.comment}`}${ballot.why.map((why) => markup`<span class="todo">${coded(why)}</span>`)}</li>`,
    )}</ul></details>`;
  if (able.length === 0)
    return markup`<section aria-labelledby="sign-h"><h2 id="sign-h">Your decision</h2>${refused}</section>`;
  const only = able.length === 1 ? ballotName(able[0] ?? { role: '', fingerprint: '' }) : undefined;
  return markup`<section aria-labelledby="sign-h"><h2 id="sign-h">Your decision</h2>${form(
    where,
    'sign',
    markup`${hidden('record', view.recordSha256)}${hidden('signed', view.signed)}<fieldset><legend>Sign with</legend>${able.map(
      (ballot, n) => {
        const name = ballotName(ballot);
        return markup`<div class="choice"><input type="radio" id="b-${n}" name="ballot" value="${name}" required${(draft?.ballot ?? only) === name && markup` checked`}/><label for="b-${n}"><b>${ballot.principal}</b> as ${ballot.role}, key <code class="hash">${ballot.fingerprint}</code> ${ballot.comment}</label></div>`;
      },
    )}</fieldset>${refused}<fieldset><legend>Decision</legend><div class="choice"><input type="radio" id="d-approve" name="decision" value="approve" required${!approvable && markup` disabled`}${approvable && draft?.decision === 'approve' && markup` checked`}/><label for="d-approve">approve${!approvable && ' (see why not, above)'}</label></div><div class="choice"><input type="radio" id="d-reject" name="decision" value="reject" required${draft?.decision === 'reject' && markup` checked`}/><label for="d-reject">reject</label></div></fieldset><div class="field"><label for="comment">Comment <span class="by">(a rejection needs a reason)</span></label><textarea id="comment" name="comment" maxlength="4000">${draft?.comment ?? ''}</textarea></div><div class="choice sure"><input type="checkbox" id="seen" name="seen" value="yes" required/><label for="seen">I have looked at what is shown above, and put my name under it.</label></div><p class="by">${passphrase[view.asking]}</p><div class="actions"><button type="submit">Sign</button></div>`,
  )}</section>`;
}
