import { namespace } from '../../src/core/sign-off.ts';
import { keys, signerLine, type Asked, type Base, type Vote } from '../rig/signed.ts';
import type { Case } from './case.ts';

const manager: Vote = { by: keys.alice, principal: 'alice@example.org', role: 'release-manager' };

/** Two approvals in one role, by the keys of bob and carol under these names, where the role needs two. */
const twice =
  (first: string, second: string, lines = [signerLine(first, keys.bob), signerLine(second, keys.carol)]) =>
  (base: Base): Asked => ({
    bundle: base.signed(undefined, [
      manager,
      { by: keys.bob, principal: first.split(',')[0] ?? '', role: 'qa' },
      { by: keys.carol, principal: second.split(',')[0] ?? '', role: 'qa' },
    ]),
    policy: { roles: { 'release-manager': 1, qa: 2 } },
    files: {
      signers: {
        path: '.verify/allowed_signers',
        text: [signerLine('alice@example.org', keys.alice), ...lines].join('\n'),
      },
    },
  });

const names: [how: string, first: string, second: string][] = [
  ['case', 'sam@example.org', 'Sam@Example.ORG'],
  ['full width', 'sam@example.org', 'ｓａｍ@example.org'],
  ['accents that are composed or not', 'r\u00e9mi@example.org', 're\u0301mi@example.org'],
  ['a ligature', 'ﬁn@example.org', 'fin@example.org'],
  ['a sharp s', 'strauß@example.org', 'STRAUSS@example.org'],
  ['a dot at the end', 'sam@example.org', 'sam@example.org.'],
  ['a dot before the @', 'sam@example.org', 'sam.@example.org'],
  ['a tag', 'sam@example.org', 'sam+release@example.org'],
  ['Cyrillic letters that look like Latin ones', 'cape@example.org', 'саре@example.org'],
  ['Greek letters that look like Latin ones', 'oo@example.org', 'οο@example.org'],
  ['digits that look like letters', 'so1@example.org', 'sol@example.org'],
  ['the ASCII form of the host', 'sam@exämple.org', 'sam@xn--exmple-cua.org'],
  ['one alias in common', 'sam@example.org,s.amber@example.org', 's.amber@example.org'],
  ['an alias of an alias', 'sam@example.org', 'amber@example.org'],
];

const line = (principal: string, options: string): ((base: Base) => Asked) =>
  twice('sam@example.org', 'zoe@example.org', [
    signerLine('sam@example.org', keys.bob),
    signerLine(principal, keys.carol, options),
  ]);
const ours = `namespaces="${namespace}"`;

/** Names and lines of allowed signers that would make two votes of one person, or hide who votes. */
export const onePerson: Case[] = [
  ...names.map(([how, first, second]): Case => ({
    name: `one person under two names that differ by ${how}`,
    code: 20,
    says: /has already approved/,
    make:
      how === 'an alias of an alias'
        ? twice(first, second, [
            signerLine('sam@example.org,s@example.org', keys.bob),
            signerLine('s@example.org,a@example.org', keys.mallory),
            signerLine('a@example.org,amber@example.org', keys.carol),
          ])
        : twice(first, second),
  })),
  ...(
    [
      ['zero-width space', 's\u200bam@example.org', 'U+200B'],
      ['soft hyphen', 'sa\u00adm@example.org', 'U+00AD'],
      ['word joiner', 'sam@example.org\u2060', 'U+2060'],
      ['mark that turns the direction', 'sam\u202e@example.org', 'U+202E'],
      ['tag character', 'sam\u{e0061}@example.org', 'U+E0061'],
      ['Hangul filler', 'sam\u3164@example.org', 'U+3164'],
    ] as const
  ).map(([what, name, code]): Case => ({
    name: `a signer's name with a ${what}`,
    code: 65,
    says: new RegExp(`cannot be seen \\(${code.replace('+', '\\+')}\\)`),
    make: line(name, ours),
  })),
  {
    name: "a signer's name with a letter of another script in a word",
    code: 65,
    says: /mixes letters of Latin and Cyrillic/,
    make: line('s\u0430m@example.org', ours),
  },
  {
    name: "a signer's name that ends in a blank",
    code: 65,
    says: /holds a blank/,
    make: line('"zoe@example.org "', ours),
  },
  {
    name: 'a byte order mark before the first signer',
    code: 65,
    says: /:1: the name .*cannot be seen \(U\+FEFF\)/,
    make: (base) => {
      const asked = twice('sam@example.org', 'zoe@example.org')(base);
      const text = `\ufeff${asked.files?.signers?.text}`;
      return { ...asked, files: { signers: { path: '.verify/allowed_signers', text } } };
    },
  },
  ...[
    `${ours},valid-before="20200101",valid-before="29990101"`,
    `${ours},valid-after="29990101",VALID-AFTER="20200101"`,
    `namespaces="git",${ours}`,
  ].map((options): Case => ({
    name: `an option twice in a line: ${options.replaceAll(namespace, 'ours')}`,
    code: 65,
    says: /is given twice/,
    make: line('zoe@example.org', options),
  })),
  {
    name: 'the author signs under another of their names',
    code: 20,
    says: /who wrote what was verified/,
    make: (base) => ({
      ...twice('sam@example.org,s.amber@example.org', 'zoe@example.org')(base),
      facts: { identities: new Set(['s.amber@example.org']) },
    }),
  },
  {
    name: 'the author signs in letters of another width',
    code: 20,
    says: /who wrote what was verified/,
    make: (base) => ({
      ...twice('ｓａｍ@example.org', 'zoe@example.org')(base),
      facts: { identities: new Set(['sam@example.org']) },
    }),
  },
];

/** Names of two persons, however alike: each has a vote. */
export const twoPersons: [how: string, make: (base: Base) => Asked][] = [
  ['names that differ by a letter', twice('sam@example.org', 'san@example.org')],
  ['the same name at two hosts', twice('sam@example.org', 'sam@example.com')],
  ['names in Cyrillic and Greek', twice('иван@example.org', 'ελένη@example.org')],
  ['names with accents', twice('jürgen@example.org', 'jurgen@example.org')],
  ['names without an address', twice('sam', 'zoe')],
];
