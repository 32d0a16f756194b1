import type { Answer } from '../core/step.ts';
import type { Said } from './desk.ts';
import type { Draft as AnswerDraft } from './pages/questions.ts';
import type { Draft as SignDraft } from './pages/sign.ts';

type Fields = Partial<Record<string, string>>;

const maxName = 200;
const maxComment = 4000;
const clean = (text: string | undefined): string => (text ?? '').replaceAll('\r\n', '\n').trim();

/** An answer to a question; none where it is put off. What is missing is asked for again, with what was filled in. */
export function readAnswer(
  fields: Fields,
  now: Date,
): { question: string; answer: Answer | undefined } | { problems: string[]; draft: AnswerDraft } {
  const { question = '', answer = '' } = fields;
  const [by, comment] = [clean(fields['by']), clean(fields['comment'])];
  const problems: string[] = [];
  if (!['yes', 'no', 'later'].includes(answer)) problems.push('Choose an answer: none is chosen for you.');
  if (answer !== 'later' && by === '') problems.push('A name is needed: the answer is a person’s.');
  if (by.length > maxName || by.includes('\n')) problems.push(`A name is one line of at most ${maxName} characters.`);
  if (comment.length > maxComment) problems.push(`A comment has at most ${maxComment} characters.`);
  if (problems.length > 0) return { problems, draft: { question, answer, by, comment } };
  if (answer === 'yes' || answer === 'no') return { question, answer: { answer, by, comment, at: now.toISOString() } };
  return { question, answer: undefined };
}

/** A decision over a run. */
export function readSaid(fields: Fields): { draft: SignDraft } & ({ said: Said } | { problems: string[] }) {
  const { ballot = '', decision = '', record = '', signed = '', seen = '' } = fields;
  const comment = clean(fields['comment']);
  const draft = { ballot, decision, comment };
  const [, role = '', fingerprint = ''] = /^(\S+) (\S+)$/.exec(ballot) ?? [];
  const problems: string[] = [];
  if (role === '') problems.push('Choose the key and the role to sign in.');
  if (decision !== 'approve' && decision !== 'reject')
    problems.push('Choose approve or reject: none is chosen for you.');
  if (decision === 'reject' && comment === '') problems.push('A rejection needs a reason.');
  if (comment.length > maxComment) problems.push(`A comment has at most ${maxComment} characters.`);
  if (seen !== 'yes') problems.push('Confirm that you have looked at it.');
  if (problems.length > 0 || (decision !== 'approve' && decision !== 'reject')) return { draft, problems };
  return { draft, said: { role, fingerprint, decision, comment, recordSha256: record, signed: Number(signed) } };
}
