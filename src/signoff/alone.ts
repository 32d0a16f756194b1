import { folded, Persons } from './persons.ts';
import type { Signer } from './signers.ts';

/** The name under which the person behind a principal wrote what was verified; undefined where they did not. */
export function authorBehind(
  principal: string,
  signers: readonly Signer[],
  identities: ReadonlySet<string>,
): string | undefined {
  const persons = new Persons(signers);
  const own = signers.flatMap((one) => one.principals).filter((name) => persons.of(name) === persons.of(principal));
  const wrote = new Set([...identities].map(folded));
  return [principal, ...own].find((name) => wrote.has(folded(name)));
}

/** What an approval is worth where only who wrote the commit has given one: one pair of eyes, and said to be so. */
export function aloneNotice(
  counted: readonly { said: { principal: string } }[],
  { signers, identities }: { signers: readonly Signer[]; identities: ReadonlySet<string> },
): string[] {
  const others = counted.filter(({ said }) => authorBehind(said.principal, signers, identities) === undefined);
  if (counted.length === 0 || others.length > 0) return [];
  const by = [...new Set(counted.map(({ said }) => said.principal))].join(', ');
  return [
    `approved by ${by} alone, who wrote what was verified: nobody else has looked (signoff.separationOfDuty: false)`,
  ];
}
