import type { Mapped } from './command-steps.ts';
import type { Proofs } from './proofs.ts';

interface Topic {
  about: RegExp;
  /** Said of it where the sentence is about more than it. */
  says: string;
  proof(proofs: Proofs, files: readonly string[]): Mapped[];
}

const topics: Topic[] = [
  {
    about:
      /\b(?:screenshots?|(?:dash)?boards?\b[^.;]*\b(?:populat\w*|fill\w*|shows?|render\w*|loads?|displays?|(?:have|has) data))\b/i,
    says: 'Screenshots are on record',
    proof: (proofs) => proofs.pictures(),
  },
  {
    about: /\bdrills?\b|\balerts?\b[^.;]*\b(?:fires?|firing|triggers?|triggered)\b/i,
    says: 'Fire drills are on record',
    proof: (proofs) => proofs.drills(),
  },
  {
    about: /\bbench(?:mark)?s?\b|\bperformance regressions?\b/i,
    says: 'The benchmarks are as promised',
    proof: (proofs, files) => proofs.benchmarks(files),
  },
];
/** What only a person can do, whatever is measured. */
const personal = /\b(?:review|approv\w*|sign(?:ed|s)?|decide|announce|notify|schedule|inspect|walk through)\b/i;

/** What a check asks of a person: the steps that prove it, and the questions that nothing else answers. */
export function personsPart(
  text: string,
  files: readonly string[],
  proofs: Proofs,
): { proven: Mapped[]; questions: string[] } {
  const asked = topics
    .filter(({ about }) => about.test(text))
    .map((topic) => ({ topic, proof: topic.proof(proofs, files) }));
  const proven = asked.flatMap(({ proof }) => proof);
  const open = asked.filter(({ proof }) => proof.length === 0).map(({ topic }) => topic);
  if (asked.length === 0 || (open.length === 0 && personal.test(text)) || (open.length > 0 && asked.length === 1))
    return { proven, questions: [text] };
  return { proven, questions: open.map(({ says }) => `${says} (${text})`) };
}
