import { didYouMean } from '../core/suggest.ts';
import { known } from './command-words.ts';
import { ofLibraries, wholeCommands } from './own-program.ts';
import { doubt, holds, isAdvice, spokenLines, type Claim, type Reading } from './reading.ts';

const flag = /`--([a-z][a-z0-9-]+)`/g;
const choices =
  /`--([a-z][a-z0-9-]+)`\s+(?:accepts?|takes?|is (?:one of|either)|can be|may be|supports?)\s+((?:`[a-z][\w-]*`(?:,? (?:and|or) |, )?)+)/g;

/** Flags that a sentence names beside others of the repository's programs, and what it says that they take. */
export async function spokenFlagClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const lines = spokenLines(parsed).filter(({ text }) => text.includes('`--'));
  const nodes = lines.length === 0 || !sources.whole ? [] : await wholeCommands(sources);
  if (nodes.length === 0) return [];
  return lines.flatMap(({ line, text }): Claim[] => {
    // Of a sentence about another program it is not known whose flag it is.
    if (isAdvice(text, 0) || text.split(/[^\w-]+/).some((word) => known.has(word))) return [];
    const names = [...text.matchAll(flag)].map(([, name = '']) => name);
    const has = (name: string): boolean => nodes.some((node) => node.flags.has(name));
    const claims = names.flatMap((name): Claim[] =>
      has(name) || !names.some(has) || nodes.some((node) => (node.free ?? ofLibraries).has(name))
        ? []
        : [
            {
              kind: 'name',
              line,
              text: `--${name}`,
              ...doubt(
                'no program of the repository has this flag, and it has others of this sentence',
                didYouMean(
                  name,
                  nodes.flatMap((node) => [...node.flags]),
                  'correct the name',
                ),
              ),
            },
          ],
    );
    for (const [, name = '', list = ''] of text.matchAll(choices)) {
      const takes = nodes.flatMap((node) => [...(node.values?.get(name) ?? [])]);
      const said = [...list.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one);
      const wrong = said.find((one) => !takes.includes(one.toLowerCase()));
      if (!said.some((one) => takes.includes(one.toLowerCase()))) continue;
      claims.push({
        kind: 'value',
        line,
        text: `--${name}: ${said.join(', ')}`,
        ...(wrong === undefined
          ? holds('the sources say so')
          : doubt(`--${name} does not take ${wrong}: it takes ${[...new Set(takes)].join(', ')}`, 'correct the list')),
      });
    }
    return claims;
  });
}
