import { jsonOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { tomlOf } from '../formats/data/toml.ts';
import { doubt, holds, isAdvice, once, spokenLines, type Claim, type Reading, type Verdict } from './reading.ts';

/** What the manifests of the repository say of their packages and of what they depend on. */
interface Packages {
  editions: Set<string>;
  rust: Set<string>;
  toolchains: Set<string>;
  versions: Set<string>;
  /** Name of a dependency → the versions that manifests ask for. */
  wanted: Map<string, Set<string>>;
}

const packages = once(async (sources): Promise<Packages> => {
  const found: Packages = {
    editions: new Set(),
    rust: new Set(),
    toolchains: new Set(),
    versions: new Set(),
    wanted: new Map(),
  };
  const want = (list: unknown): void => {
    for (const [name, asked] of Object.entries(objectOf(list))) {
      // What the workspace says stands there.
      if (objectOf(asked)['workspace'] === true) continue;
      const version = textOf(asked) || textOf(objectOf(asked)['version']);
      const own = found.wanted.get(name) ?? new Set();
      found.wanted.set(name, own.add(/\d+(?:\.\d+)*/.exec(version)?.[0] ?? ''));
    }
  };
  for (const [path, text] of await sources.matching(/(?:^|\/)(?:Cargo\.toml|package\.json|go\.mod|pyproject\.toml)$/)) {
    if (path.endsWith('go.mod')) {
      for (const [, name = '', version = ''] of text.matchAll(/^\s*(?:require )?([\w.-]+\/[\w./-]+) v(\d[\d.]*)/gm)) {
        want({ [name]: version });
        want({
          [name
            .replace(/\/v\d+$/, '')
            .split('/')
            .at(-1) ?? name]: version,
        });
      }
      continue;
    }
    const root = (path.endsWith('.json') ? objectOf(jsonOf(text)) : tomlOf(text)) ?? {};
    const workspace = objectOf(root['workspace']);
    for (const one of [root, workspace, ...Object.values(objectOf(root['target'])).map(objectOf)])
      for (const list of [
        'dependencies',
        'dev-dependencies',
        'build-dependencies',
        'devDependencies',
        'peerDependencies',
      ])
        want(one[list]);
    for (const one of [root, objectOf(root['package']), objectOf(workspace['package']), objectOf(root['project'])]) {
      if (textOf(one['edition']) !== '') found.editions.add(textOf(one['edition']));
      if (textOf(one['rust-version']) !== '') found.rust.add(textOf(one['rust-version']));
      if (textOf(one['version']) !== '') found.versions.add(textOf(one['version']));
    }
  }
  for (const text of (await sources.matching(/(?:^|\/)rust-toolchain(?:\.toml)?$/)).values()) {
    const channel = /(?:channel\s*=\s*"|^)(\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1];
    if (channel !== undefined) found.toolchains.add(channel);
  }
  return found;
});

/** `1.0` fits `1.0.219`, and what is resolved fits what was asked for: the same up to the first part that is not 0, and not older. */
function fits(said: string, asked: string): boolean {
  if (`${asked}.`.startsWith(`${said}.`) || `${said}.`.startsWith(`${asked}.`)) return true;
  const [a, b] = [said, asked].map((one) => one.split('.').map(Number)) as [number[], number[]];
  const first = b.findIndex((part) => part > 0);
  const other = a.findIndex((part, n) => part !== (b[n] ?? 0));
  return first >= 0 && other > first && (a[other] ?? 0) > (b[other] ?? 0);
}
const before =
  /\b(?:from|was|were|upgrad\w*|bump\w*|migrat\w*|before|until|since|or (?:newer|later|higher))\b|→|->|[<>≥≤^~+]/i;

type Say = (line: number, text: string, is: boolean, seen: string) => void;

/** Editions, versions and dependencies of packages that a document names, against the manifests. */
export async function packageClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const known = await packages(sources);
  const claim: Say = (line, text, is, seen) => {
    const verdict: Verdict = is ? holds('a manifest says so') : doubt(seen, 'correct it, or the manifest');
    claims.push({ kind: 'value', line, text, ...verdict });
  };
  const dependency = (line: number, name: string, said: string): void => {
    const asked = [...(known.wanted.get(name) ?? [])];
    if (asked.length === 0 || asked.includes('')) return;
    const is = asked.some((one) => fits(said, one));
    claim(line, `${name} ${said}`, is, `the manifests ask for ${name} ${asked.join(', ')}`);
  };
  for (const { line, text: raw } of spokenLines(parsed)) {
    const text = raw.replace(/[`*]/g, '');
    rustClaims(text, line, known, claim);
    const { versions, wanted } = known;
    const release =
      /^\W*(?:release|released as|release version|current (?:release|version)|(?:project|package|crate|workspace) version)\s*:\s*v?(\d+\.\d+\.\d+)(?![\w.-])/i.exec(
        text,
      )?.[1];
    if (release !== undefined && versions.size > 0)
      claim(
        line,
        `release ${release}`,
        versions.has(release) || (await sources.containText(`v${release}`)),
        `the manifests have the version ${[...versions].slice(0, 3).join(', ')}, and nothing has this one`,
      );
    // A sentence that began in the line above says there that it tells of another time.
    const above = parsed.prose[line - 2] ?? '';
    const begun = /^\s*[a-zA-Z]/.test(raw) && above !== '' && !/[.:!?|]\s*$/.test(above) ? above : '';
    if (/^\s*\|/.test(raw) || before.test(`${begun} ${text}`)) continue;
    for (const { 1: name = '', 2: said = '', index } of text.matchAll(
      /(?<![\w./@-])(@?[a-z][\w./-]{1,40}[a-z\d])(?: v|@|\s\(v?|\s?=\s?"|\s)(\d+\.\d+(?:\.\d+)?)(?!\w|\.\d|\s?(?:%|ms|s\b|x\b|[KMG]i?B))/g,
    ))
      if (!isAdvice(text, index)) dependency(line, name, said);
    for (const { 1: name = '', 2: kind = '', index } of raw.matchAll(
      /\b(?:(?:uses?|using|via|through|with|on|by)(?: the)?|the) `([a-z][\w-]{2,40})` (crate|npm package)\b/g,
    ))
      if (wanted.size > 0 && sources.whole && !isAdvice(raw, index))
        claim(line, `${kind} ${name}`, wanted.has(name) || (await sources.containText(name)), 'no manifest has it');
  }
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex((head, n) => n > 0 && /^\W*version\W*$/i.test(head));
    if (at < 0 || !/\b(?:crate|dependency|package|library|module|component|technology)\b/i.test(header[0] ?? ''))
      continue;
    for (const { cells, line } of rows) {
      const said = /^\W*v?(\d+\.\d+(?:\.\d+)?)\W*$/.exec(cells[at] ?? '')?.[1];
      if (said !== undefined && !before.test(cells.join(' ')))
        dependency(line, (cells[0] ?? '').replace(/[`*]/g, '').trim(), said);
    }
  }
  return claims;
}

/** Edition, oldest compiler and pinned toolchain that a line names. */
function rustClaims(text: string, line: number, { editions, rust, toolchains }: Packages, claim: Say): void {
  if (before.test(text)) return;
  const edition = /\b(?:Rust |Edition\W{1,3})(?:edition )?(20[12]\d)\b/i.exec(text)?.[1];
  // What is of one edition is told of others as well: only a label, or a sentence about the project, is of this one.
  const isOfIt =
    /edition/i.test(text) &&
    /^\W*(?:[\w /-]{0,24}\b)?edition\W{1,3}20|\b(?:uses?|built|written|compiled|workspace|project|crates?|migrated)\b/i.test(
      text,
    );
  const isOnly = new Set(text.match(/\b20\d\d\b/g)).size === 1;
  if (edition !== undefined && isOfIt && isOnly && editions.size > 0)
    claim(
      line,
      `edition ${edition}`,
      editions.has(edition),
      `the manifests have the edition ${[...editions].join(', ')}`,
    );
  const msrv = /\b(?:MSRV|rust-version|minimum (?:supported )?rust)\b/i.test(text)
    ? /\b(1\.\d{2,3}(?:\.\d+)?)\b/.exec(text)?.[1]
    : undefined;
  // What is asked for plainly is told of where versions are.
  const isPlain = /\b(?:MSRV|minimum (?:supported )?Rust(?: version)?)\b[^\d\n,;]{0,12}1\./i.test(text);
  if (msrv !== undefined && rust.size > 0 && !isPlain) {
    const is = [...rust].some((one) => fits(msrv, one));
    claim(line, `Rust ${msrv}`, is, `the manifests have rust-version ${[...rust].join(', ')}`);
  }
  const pinned = /toolchain/i.test(text) ? /\bRust\W{1,3}v?(1\.\d{2,3}(?:\.\d+)?)\b/.exec(text)?.[1] : undefined;
  if (pinned === undefined || toolchains.size === 0) return;
  const is = [...toolchains].some((one) => fits(pinned, one) && fits(one, pinned));
  claim(line, `toolchain ${pinned}`, is, `the toolchain is pinned to ${[...toolchains].join(', ')}`);
}
