import { escapeRegex } from '../core/patterns.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove } from '../formats/documents/surroundings.ts';
import { isOlder, leastVersions, versionOf } from '../formats/release/least-version.ts';
import type { Repository } from '../repository/repository.ts';
import { tellsUsers } from './sites.ts';
import { doubt, holds, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { foldersAbove, inFolder } from '../formats/data/paths.ts';

const least = String.raw`\s*(?:\+|or (?:later|newer|higher|above|greater)|and (?:later|newer|up|above|higher))`;
const before = String.raw`(?:>=|≥|version|v)?\s*v?`;

interface Language {
  /** Its first group is the least version that the document asks for. */
  said: RegExp[];
  manifest: keyof typeof leastVersions;
  /** An older one cannot build or install it. */
  refuses: boolean;
}

const languages: Language[] = [
  {
    said: [
      new RegExp(String.raw`\bRust(?:c| toolchain)?:?\s*\(?${before}(1\.\d{2,3})(?:\.\d+)?${least}`, 'i'),
      /\bRust(?:c)?\s*(?:>=|≥)\s*(1\.\d{2,3})/i,
      // Of a dependency it is said too: `the cstr crate's MSRV is 1.64`.
      /(?:^\W*|\b(?:the|our|this|current|project|workspace|library)(?:['’]s)?\s+)(?:MSRV|minimum (?:supported )?Rust(?: version)?)\b[^\d\n,;]{0,12}(1\.\d{2,3})/i,
    ],
    manifest: 'Cargo.toml',
    refuses: true,
  },
  {
    said: [
      new RegExp(String.raw`\bPython:?\s*\(?${before}(3\.\d{1,2})${least}`, 'i'),
      /\bPython\s*(?:>=|≥)\s*(3\.\d{1,2})/i,
    ],
    manifest: 'pyproject.toml',
    refuses: true,
  },
  {
    said: [
      new RegExp(String.raw`\bNode(?:\.?js)?:?\s*\(?${before}(\d{2}(?:\.\d+)?)(?:\.\d+|\.x)?${least}`, 'i'),
      /\bNode(?:\.?js)?\s*(?:>=|≥)\s*v?(\d{2}(?:\.\d+)?)/i,
    ],
    manifest: 'package.json',
    refuses: true,
  },
  {
    said: [
      new RegExp(String.raw`\bGo(?:lang)?:?\s*\(?${before}(1\.\d{2})(?:\.\d+)?${least}`),
      /\bGo(?:lang)?\s*(?:>=|≥)\s*(1\.\d{2})/,
    ],
    manifest: 'go.mod',
    // A go command since 1.21 fetches the toolchain that go.mod names.
    refuses: false,
  },
];

const asks =
  /\b(?:requir\w*|runs? on|works? (?:on|with)|needs?|needed|install\w*|at least|minimum|msrv|prerequisites?|support\w*|set-?up|getting started|buil[dt]\w*|toolchain|dependenc\w+)\b/i;

const ofVersion = /(?:^|\/ )\W*(?:(?:(?:version|release)\s+|v|\[)v?\d+\.\d+|\d+\.\d+\.\d+\b)/i;
const broughtAlong =
  /\b(?:built[- ]?in|bundled|ships?|shipped|comes? with|introduced|since|native(?:ly)?|includes?|included|globals?)\b/i;

/** The least version of a language that the document asks for, held against the nearest manifest above the document. */
export async function versionClaims({ repository, document, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  // The pages of a site say of each feature since when it is there.
  if (await tellsUsers(repository, document)) return claims;
  for (const language of languages) {
    const manifest = await nearest(repository, document, language.manifest);
    const needed = manifest && leastVersions[language.manifest](await repository.doors.files.read(manifest));
    if (manifest === undefined || !needed) continue;
    // A folder of programs that stand beside the project may ask for less.
    const [own = ''] = foldersAbove(document);
    const isBeside = manifest === inFolder(own, language.manifest) || /(?:^|\/)(?:docs?|\.github)\//i.test(document);
    for (const [n, line] of parsed.prose.entries()) {
      const match = language.said.map((one) => one.exec(line.replace(/[*_`[\]]/g, ''))).find((one) => one !== null);
      const said = match?.[1];
      const versions = new Set(line.match(/(?<![\d.])\d+\.\d+/g));
      // A line of several versions compares, or is about several things.
      if (
        !match ||
        said === undefined ||
        versions.size > 1 ||
        excuseOf(line, '') === 'absent' ||
        // What an option or a footnote's feature needs, the project may leave aside.
        /\be\.g\b|`[^`]+`\s+(?:requires|needs)\b|\bthis (?:option|feature|method|function|flag|module|example)\b|^\W*[¹²³⁴†]/i.test(
          line,
        )
      )
        continue;
      // Below the heading of a version stands what was so then.
      if (ofVersion.test(headingsAbove(parsed, n + 1))) continue;
      // "… syntax (Rust 1.58+)" tells since when something is there, not what the project needs.
      const aside = new RegExp(String.raw`\w+ \w+ \w+ [^()]*\([^()]*${escapeRegex(said)}[^()]*\)`).test(line);
      const asked = asks.test(`${line} ${headingsAbove(parsed, n + 1)}`);
      // What a line of prose says of a version is asked of the reader only where it says so, or says nothing else.
      const alone = /^\s*(?:[-*+|]|\d+[.)])?[\s*_`]*$/.test(
        line.slice(0, Math.max(0, line.indexOf(said) - match[0].length)),
      );
      if (!asked && (aside || !alone)) continue;
      // "Node.js v18+ has fetch built in" is of the language, not of the project.
      if (broughtAlong.test(`${line} ${headingsAbove(parsed, n + 1)}`)) continue;
      const verdict: Verdict = !isOlder(versionOf(said), needed.version)
        ? holds(`${manifest} says ${needed.words}`)
        : (language.refuses && isBeside ? wrong : doubt)(
            `${manifest} says ${needed.words}`,
            'write the version of the manifest, or correct the manifest',
          );
      claims.push({ kind: 'value', line: n + 1, text: match[0].trim(), ...verdict });
    }
  }
  return claims;
}

async function nearest(repository: Repository, document: string, name: string): Promise<string | undefined> {
  for (const folder of foldersAbove(document)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if ((await repository.doors.files.kind(path)) === 'file') return path;
  }
  return undefined;
}
