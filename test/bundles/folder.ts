import { inMemory, type BundleFile } from '../../src/signoff/bundle.ts';
import { keys } from '../rig/signed.ts';
import { files, type Case } from './case.ts';

const file = (made: ReadonlyMap<string, BundleFile>, path: string): BundleFile => {
  const found = made.get(path);
  if (!found) throw new Error(`the base has no ${path}`);
  return found;
};
const edit = (path: string, change: (text: string) => string) =>
  files((made) => {
    const before = file(made, path).read().toString('utf8');
    const after = change(before);
    if (after === before) throw new Error(`the edit of ${path} changes nothing`);
    made.set(path, inMemory(Buffer.from(after)));
  });
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
const observed = 'evidence/check/observed.json';
const first = 'signoffs/1-release-manager.json';
const second = 'signoffs/2-qa.json';

/** Somebody has been at the files of the folder. Threats A 1–6, 33. */
export const folder: Case[] = [
  {
    name: 'a word of the record',
    code: 21,
    says: /record\.json is not what/,
    make: edit('record.json', (t) => t.replace('First milestone', 'Last milestone')),
  },
  {
    name: 'a blank at the end of the record',
    code: 21,
    says: /record\.json/,
    make: edit('record.json', (t) => `${t} `),
  },
  { name: 'a record that is no JSON', code: 21, says: /record\.json/, make: edit('record.json', () => '{') },
  { name: 'an empty record', code: 21, says: /record\.json/, make: edit('record.json', () => '') },
  {
    name: 'no record',
    code: 21,
    says: /record\.json was removed/,
    make: files((made) => void made.delete('record.json')),
  },
  {
    name: 'no attestation',
    code: 21,
    says: /attestation\.json was removed/,
    make: files((made) => void made.delete('attestation.json')),
  },
  {
    name: 'neither record nor attestation',
    code: 66,
    says: /no record\.json/,
    make: files((made) => ['record.json', 'attestation.json'].map((path) => made.delete(path))),
  },
  {
    name: 'another verdict in the attestation',
    code: 21,
    says: /does not say what/,
    make: edit('attestation.json', (t) => t.replace('"PASSED"', '"FAILED"')),
  },
  {
    name: 'another type of the attestation',
    code: 21,
    says: /does not say what/,
    make: edit('attestation.json', (t) => t.replace('verify-milestone.dev/run/v1', 'verify-milestone.dev/run/v2')),
  },
  {
    name: 'an attestation that is no JSON',
    code: 21,
    says: /record\.json/,
    make: edit('attestation.json', () => 'null'),
  },
  {
    name: 'a bit of the evidence',
    code: 21,
    says: /evidence\/check\/observed\.json was altered/,
    make: edit(observed, (t) => t.replace('"code":0', '"code":1')),
  },
  {
    name: 'evidence with a line more',
    code: 21,
    says: /command\.stdout was altered/,
    make: edit('evidence/check/command.stdout', (t) => `${t}x\n`),
  },
  {
    name: 'evidence that was removed',
    code: 21,
    says: /observed\.json was removed/,
    make: files((made) => void made.delete(observed)),
  },
  {
    name: 'evidence that was renamed',
    code: 21,
    says: /was (?:removed|added)/,
    make: files((made) => {
      made.set('evidence/check/other.json', file(made, observed));
      made.delete(observed);
    }),
  },
  {
    name: 'evidence that was added',
    code: 21,
    says: /evidence\/check\/extra\.txt was added/,
    make: files((made) => void made.set('evidence/check/extra.txt', inMemory(Buffer.from('x')))),
  },
  {
    name: 'a file beside the record',
    code: 21,
    says: /notes\.txt was added/,
    make: files((made) => void made.set('notes.txt', inMemory(Buffer.from('x')))),
  },
  {
    name: 'an empty file',
    code: 21,
    says: /evidence\/check\/empty was added/,
    make: files((made) => void made.set('evidence/check/empty', inMemory(Buffer.alloc(0)))),
  },
  {
    name: 'a hidden file',
    code: 21,
    says: /\.DS_Store was added/,
    make: files((made) => void made.set('.DS_Store', inMemory(Buffer.from('x')))),
  },
  {
    name: 'evidence that is a symbolic link',
    code: 21,
    says: /symbolic link/,
    make: files((made) => void made.set(observed, { ...file(made, observed), kind: 'link' })),
  },
  {
    name: 'evidence that is a hard link',
    code: 21,
    says: /2 names/,
    make: files((made) => void made.set(observed, { ...file(made, observed), links: 2 })),
  },
  {
    name: 'evidence that is a pipe',
    code: 21,
    says: /neither file nor folder/,
    make: files((made) => void made.set(observed, { ...file(made, observed), kind: 'other' })),
  },
  {
    name: 'two files of evidence that changed places',
    code: 21,
    says: /was altered/,
    make: files((made) => {
      const [a, b] = [file(made, observed), file(made, 'evidence/docs/observed.json')];
      made.set(observed, b);
      made.set('evidence/docs/observed.json', a);
    }),
  },
  {
    name: 'only FINAL_STATUS.md was edited',
    code: 21,
    says: /FINAL_STATUS\.md is not what/,
    make: edit('FINAL_STATUS.md', (t) => t.replace('2 passed', '3 passed').replace('PASSED', 'PASSED!')),
  },
  {
    name: 'FINAL_STATUS.md without its sign-offs',
    code: 21,
    says: /FINAL_STATUS\.md is not what/,
    make: (base) => {
      const made = new Map(base.bundle);
      made.set('FINAL_STATUS.md', file(base.signed(undefined, []), 'FINAL_STATUS.md'));
      return { bundle: made };
    },
  },
  {
    name: 'no FINAL_STATUS.md',
    code: 21,
    says: /FINAL_STATUS\.md was removed/,
    make: files((made) => void made.delete('FINAL_STATUS.md')),
  },
  {
    name: 'only junit.xml was edited',
    code: 21,
    says: /junit\.xml is not what/,
    make: edit('junit.xml', (t) => t.replace('failures="0"', 'failures="1"')),
  },
  {
    name: 'the copy of the checklist was edited',
    code: 21,
    says: /checklist\.yaml was altered/,
    make: edit('checklist.yaml', (t) => t.replace('Known', 'Unknown')),
  },
  {
    name: 'no copy of the checklist',
    code: 21,
    says: /checklist\.yaml was removed/,
    make: files((made) => void made.delete('checklist.yaml')),
  },
  {
    name: 'the FINAL_STATUS.md of the target was edited',
    code: 21,
    says: /FINAL_STATUS\.md is not what/,
    make: () => ({ facts: { written: '# PASSED\n' } }),
  },
  {
    name: 'line ends of the record turned into CRLF',
    code: 21,
    says: /core\.autocrlf/,
    make: edit('record.json', crlf),
  },
  {
    name: 'line ends of evidence turned into CRLF',
    code: 21,
    says: /core\.autocrlf/,
    make: edit('evidence/check/command.stdout', crlf),
  },
  { name: 'line ends of a sign-off turned into CRLF', code: 21, says: /core\.autocrlf/, make: edit(first, crlf) },
  {
    name: 'line ends of a signature turned into CRLF',
    code: 21,
    says: /core\.autocrlf/,
    make: edit(`${first}.sig`, crlf),
  },
  {
    name: 'a word of a sign-off',
    code: 21,
    says: /1-release-manager\.json does not hold/,
    make: edit(first, (t) => t.replace('seen', 'SEEN')),
  },
  {
    name: 'a rejection made an approval',
    code: 21,
    says: /does not hold/,
    make: (base) => {
      const made = base.signed(undefined, [{ by: keys.alice, role: 'release-manager', decision: 'reject' }]);
      made.set(first, inMemory(Buffer.from(file(made, first).read().toString().replace('"reject"', '"approve"'))));
      return { bundle: made };
    },
  },
  {
    name: 'a signature without its last line',
    code: 21,
    says: /not an SSH signature/,
    make: edit(`${first}.sig`, (t) => t.trimEnd()),
  },
  {
    name: 'a signature with a blank line',
    code: 21,
    says: /does not hold/,
    make: edit(`${first}.sig`, (t) => t.replace('\n', '\n\n')),
  },
  {
    name: 'a sign-off without its signature',
    code: 21,
    says: /has no signature/,
    make: files((made) => void made.delete(`${first}.sig`)),
  },
  {
    name: 'a signature without its sign-off',
    code: 21,
    says: /has no statement/,
    make: files((made) => void made.delete(first)),
  },
  {
    name: 'the first sign-off was removed',
    code: 21,
    says: /sign-off 1 was removed/,
    make: files((made) => [first, `${first}.sig`].map((path) => made.delete(path))),
  },
  {
    name: 'a sign-off under another role',
    code: 21,
    says: /another place/,
    make: files((made) => {
      for (const ending of ['', '.sig']) {
        made.set(`signoffs/1-qa.json${ending}`, file(made, first + ending));
        made.delete(first + ending);
      }
    }),
  },
  {
    name: 'a sign-off given twice',
    code: 21,
    says: /another place/,
    make: files((made) => {
      for (const ending of ['', '.sig'])
        made.set(`signoffs/3-release-manager.json${ending}`, file(made, first + ending));
    }),
  },
  {
    name: 'two sign-offs of one number',
    code: 21,
    says: /two sign-offs/,
    make: files((made) => {
      for (const ending of ['', '.sig'])
        made.set(`signoffs/2-release-manager.json${ending}`, file(made, first + ending));
    }),
  },
  {
    name: 'a stranger in the folder of the sign-offs',
    code: 21,
    says: /signoffs\/readme was added/,
    make: files((made) => void made.set('signoffs/readme', inMemory(Buffer.from('x')))),
  },
  {
    name: 'a bit of the DSSE envelope',
    code: 21,
    says: /2-qa\.json\.dsse/,
    make: edit(`${second}.dsse`, (t) => t.replace(/"sig": "(.)/, (_, c: string) => `"sig": "${c === 'A' ? 'B' : 'A'}`)),
  },
  {
    name: 'a DSSE envelope of other bytes',
    code: 21,
    says: /other bytes/,
    make: edit(`${second}.dsse`, (t) => t.replace(/"payload": "[^"]*"/, '"payload": "e30="')),
  },
  {
    name: 'a DSSE envelope with a field more',
    code: 21,
    says: /not a DSSE envelope/,
    make: edit(`${second}.dsse`, (t) => t.replace('{', '{"x": 1,')),
  },
  {
    name: 'no DSSE envelope',
    code: 21,
    says: /\.dsse was removed/,
    make: files((made) => void made.delete(`${second}.dsse`)),
  },
  {
    name: 'a DSSE envelope that nobody signed for',
    code: 21,
    says: /speaks of no such envelope/,
    make: files((made) => void made.set(`${first}.dsse`, file(made, `${second}.dsse`))),
  },
  {
    name: 'a bit of the sigstore bundle',
    code: 21,
    says: /2-qa\.json\.sigstore/,
    make: edit(`${second}.sigstore`, (t) => t.replace(/"hint": "(.)/, '"hint": "g')),
  },
];
