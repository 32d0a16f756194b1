import { months } from '../formats/data/months.ts';
import { escapeRegex } from '../core/patterns.ts';
import { textOf } from '../formats/data/json-parts.ts';
import { folderOf, liesIn } from '../formats/data/paths.ts';
import { ownPrograms } from './own-programs.ts';
import type { Sources } from '../repository/sources.ts';
import { doubt, holds, isAdvice, once, spokenLines, wrong, type Claim, type Reading, type Verdict } from './reading.ts';

/** Licence → what its text says, and how it is called. */
const licences: [name: string, text: RegExp, said: string][] = [
  [
    'Apache-2.0',
    /Apache License\s+Version 2\.0/,
    String.raw`Apache(?: License)?(?:[ -](?:License )?(?:v(?:ersion )?)?2(?:\.0)?)?`,
  ],
  ['MIT', /Permission is hereby granted, free of charge/, 'MIT'],
  ['BSD', /Redistribution and use in source and binary forms/, String.raw`BSD(?:-[23]-Clause| [23]-Clause)?`],
  ['MPL-2.0', /Mozilla Public License,? [Vv]ersion 2\.0/, String.raw`MPL(?:[ -]2\.0)?|Mozilla Public License`],
  ['AGPL', /GNU AFFERO GENERAL PUBLIC LICENSE/, String.raw`(?:GNU )?AGPL\w*`],
  ['GPL', /GNU GENERAL PUBLIC LICENSE/, String.raw`(?:GNU )?GPL\w*`],
];

/** "License: MIT" against the manifests, where no text of a licence lies at the root. */
async function labelledLicence(sources: Sources, parsed: Reading['parsed']): Promise<Claim[]> {
  const said = new Set(
    [...(await sources.matching(/(?:^|\/)(?:Cargo\.toml|package\.json|pyproject\.toml)$/)).values()].flatMap((text) =>
      [...text.matchAll(/^\s*"?license"?\s*[=:]\s*"([\w. ()+-]+)"/gm)].map(([, one = '']) => one),
    ),
  );
  const [own] = said;
  if (own === undefined || said.size !== 1) return [];
  return spokenLines(parsed).flatMap(({ line, text }): Claim[] => {
    const label = /^\W*licen[cs]e\W{1,3}(?=[A-Z])([\w.-]+(?: \d[\d.]*)?)\W*$/i.exec(text)?.[1];
    const meant = licences.find(([, , pattern]) => new RegExp(`^(?:${pattern})$`, 'i').test(label ?? ''));
    if (label === undefined || !meant) return [];
    const verdict = new RegExp(meant[2], 'i').test(own)
      ? holds(`the manifests say ${own}`)
      : doubt(`the manifests say ${own}`, 'correct the document, or the manifests');
    return [{ kind: 'value', line, text: `license ${label}`, ...verdict }];
  });
}

/** "Licensed under MIT" against the text of the licence that lies at the root. */
async function licenceClaim({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  // A list of licences is of those of others too.
  if (/licen[cs]e|notice|third[-_]?party/i.test(document)) return [];
  const names = repository.files.filter((path) => /^(?:licen[cs]e|copying|unlicense)[\w.-]*$/i.test(path));
  if (names.length === 0) return labelledLicence(sources, parsed);
  // What came from others has its own beside it.
  if (
    repository.files.some(
      (path) =>
        /(?:^|\/)(?:licen[cs]e|copying)[\w.-]*$/i.test(path) && path.includes('/') && liesIn(document, folderOf(path)),
    )
  )
    return [];
  const texts = await Promise.all(names.map((name) => repository.doors.files.readIfThere(name)));
  const is = licences.filter(([, text]) => texts.some((one) => text.test(one ?? '')));
  // A file of two licences, or of one that is not known, decides nothing.
  if (is.length > 1 || names.length !== 1) return [];
  const manifests = [
    ...(await sources.matching(/(?:^|\/)(?:Cargo\.toml|package\.json|pyproject\.toml)$/)).values(),
  ].join('\n');
  return spokenLines(parsed).flatMap(({ line, text }): Claim[] => {
    for (const [name, , said] of licences) {
      const match = new RegExp(
        String.raw`(?<!\b(?:was|were)\b[^.;]{0,12})\b(?:licen[cs]ed|released|distributed|available) under (?:the )?(?:terms of the )?\[?(?:${said})\b`,
        'i',
      ).exec(text);
      // Of a data set or another project it is said too.
      const lead =
        text
          .slice(0, match?.index)
          .split(/[.;]\s/)
          .at(-1) ?? '';
      if (
        !/^\W*(?:it is|is|all)?\W*$|\b(?:this|project|repository|code|sources?|library|package|crate|software|tool)\b/i.test(
          lead,
        )
      )
        continue;
      // What was released before may have another.
      if (/\b(?:previous|prior|earlier|older|former)\b/i.test(lead)) continue;
      // A theme, or what else came from others, has a licence of its own.
      if (
        document.includes('/') &&
        parsed.prose.slice(Math.max(0, line - 5), line - 1).some((one) => /\bcopyright\b/i.test(one))
      )
        continue;
      if (document.includes('/') && /\b(?:theme|plugin|extension|font|icon|add-?on|template)s?\b/i.test(lead)) continue;
      if (!match || / or |\/| and /.test(text.slice(match.index, match.index + match[0].length + 12))) continue;
      const [own] = is;
      if (!own)
        // A licence that is not known may be of many names; the words of a known one it has not.
        return [
          {
            kind: 'value',
            line,
            text: match[0],
            ...doubt(`${names[0]} is not the text of ${name}`, 'correct the sentence, or the file'),
          },
        ];
      if (name === own[0]) return [{ kind: 'value', line, text: match[0], ...holds(`${names[0]} says so`) }];
      const agreed = new RegExp(escapeRegex(name)).test(manifests);
      return [
        {
          kind: 'value',
          line,
          text: match[0],
          ...(agreed ? doubt : wrong)(`${names[0]} is the text of ${own[0]}`, 'correct the sentence, or the file'),
        },
      ];
    }
    return [];
  });
}

const month = months.map((one) => `${one}|${one.slice(0, 3)}\\.?`).join('|');
const day = String.raw`(\d{4}-\d{2}-\d{2}|(?:${month}) \d{1,2},? \d{4}|\d{1,2} (?:${month}) \d{4})`;

function timeOf(text: string): number {
  if (/^\d{4}-/.test(text)) return Date.parse(`${text}T00:00:00Z`);
  const name = /[a-z]{3}/i.exec(text)?.[0].toLowerCase() ?? '';
  const [, year = ''] = /(\d{4})$/.exec(text) ?? [];
  const [number = ''] = /\b\d{1,2}\b/.exec(text.replace(year, ' ')) ?? [];
  return Date.UTC(
    Number(year),
    months.findIndex((one) => one.startsWith(name)),
    Number(number),
  );
}
const wasDone = String.raw`(?:complet(?:ed|ion)(?: date)?|finished|delivered|released(?: on)?|release date|last (?:updated|verified|tested|run)|updated|verified|tested(?: on)?|measured(?: on)?|approved|signed[ -]off|date|generated|reviewed)`;
const wasBegun = String.raw`(?:started|start date|begun|began|kick-?off|work began(?: on)?|created)`;

/** Days of what was done, held against the clock and the first commit. */
async function dateClaims({ repository, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const now = Date.now();
  const done = new RegExp(String.raw`^[\s>|#*_-]*${wasDone}\b\W{1,6}(?:on )?${day}`, 'i');
  const begun = new RegExp(String.raw`^[\s>|#*_-]*${wasBegun}\b\W{1,6}(?:on )?${day}`, 'i');
  const isDone = parsed.prose.slice(0, 30).some((line) => /\b(?:complete[d]?|done|shipped|delivered)\b|✅/i.test(line));
  for (const { line, text } of spokenLines(parsed)) {
    const plain = text.replace(/[*_`]/g, '');
    const match = done.exec(plain) ?? begun.exec(plain);
    if (!match) continue;
    const at = timeOf(match[1] ?? '');
    if (!Number.isFinite(at)) continue;
    // A day's grace for the zones of the world; "Date" alone is of the past only where the document tells of what is done.
    if (at > now + 2 * 86_400_000 && (isDone || !/^[\s>|#*_-]*(?:date|release date)\b/i.test(plain)))
      claims.push({
        kind: 'value',
        line,
        text: match[0].trim(),
        ...wrong('that day is still to come', 'correct the date'),
      });
    else if (begun.test(plain) || isDone) {
      // Of less than a season the documents may be the older part.
      const first = await firstCommit(repository);
      if (first !== undefined && at < first - 90 * 86_400_000)
        claims.push({
          kind: 'value',
          line,
          text: match[0].trim(),
          ...doubt(
            `the first commit of the repository is of ${new Date(first).toISOString().slice(0, 10)}`,
            'correct the date, or say where the history before it is',
          ),
        });
    }
  }
  return claims;
}

async function firstCommit(repository: Reading['repository']): Promise<number | undefined> {
  if ((await repository.git('rev-parse', '--is-shallow-repository')).stdout.trim() !== 'false') return undefined;
  const log = await repository.git('log', '--max-parents=0', '--format=%at', 'HEAD');
  const times =
    log.code === 0
      ? log.stdout
          .trim()
          .split('\n')
          .map(Number)
          .filter((one) => one > 0)
      : [];
  return times.length === 0 ? undefined : Math.min(...times) * 1000;
}

/** Image names by their last part, in lower case → the tags that containers are started with. */
export const imagesOf = once(async (sources: Sources): Promise<Map<string, Set<string>>> => {
  const found = new Map<string, Set<string>>();
  for (const [path, text] of await sources.matching(/\.ya?ml$|(?:^|\/)(?:Dockerfile|Containerfile)[\w.-]*$/)) {
    if (/(?:^|\/)(?:tests?|testdata|fixtures?|examples?)\/|^\.github\//.test(path)) continue;
    for (const [, image = '', tag = ''] of text.matchAll(
      /^\s*-?\s*(?:image:|FROM)\s*["']?(?:[\w.-]+(?::\d+)?\/)*([\w-]+):([\w.${}:-]+)/gm,
    ))
      // Of a variable what it is by default; an edition is called by the product's name.
      for (const name of new Set([image.toLowerCase(), image.toLowerCase().replace(/-(?:oss|alpine)$/, '')]))
        found.set(name, (found.get(name) ?? new Set()).add(tag.replace(/^\$\{\w+:?-([\w.-]+)\}$/, '$1')));
  }
  for (const [, file] of await sources.composeFiles())
    for (const [name, service] of Object.entries(file.services)) {
      const tag = /:([\w.-]+)$/.exec(textOf(service['image']).replace(/\$\{\w+:?-([\w.-]+)\}/, '$1'))?.[1];
      if (tag !== undefined && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), new Set([tag]));
    }
  return found;
});
const runs = /\b(?:compose|stack|images?|containers?|runs?|running|deploy\w*|ships?|shipped|beside|bundled|comes?)\b/i;
const asked =
  /\b(?:hardware|host|detected|requires?d?|or (?:newer|later|higher)|minimum|compatible|tested (?:with|against)|supports?|since|until|upgrade\w*|prerequisites?|(?:and|or) (?:below|lower|older|earlier|above|up)|(?:before|below|prior to|older than|up to) (?=[A-Za-z]+ v?\d))\b|\+/i;

/** Of a language or a system, versions are told of machines too. */
const isLanguage =
  /^(?:python|node|golang|rust|ruby|openjdk|eclipse-temurin|debian|ubuntu|alpine|maven|gradle|dotnet|erlang|elixir|php|cuda)$/;

/** "Prometheus v2.55" where the images say otherwise. */
async function imageClaims({ repository, sources, parsed }: Reading): Promise<Claim[]> {
  const images = await imagesOf(sources);
  const claims: Claim[] = [];
  if (images.size === 0) return claims;
  const programs = await ownPrograms(sources);
  const names = [...images.keys()]
    .filter((name) => name.length > 3 && !isLanguage.test(name) && !programs.has(name))
    .map(escapeRegex);
  if (names.length === 0) return claims;
  const pattern = new RegExp(
    String.raw`\b(${names.join('|')})(?:\s+|:\s?)(?:version )?v?(\d+(?:\.\d+)*)(?![\w+]|\.\d|\s?(?:%|ms|s\b|[KMG]i?B|(?!(?:is|was|has|as|runs|keeps|stores|serves)\b)[a-z]*s\b))`,
    'gi',
  );
  for (const { line, text: raw, headings } of spokenLines(parsed)) {
    const text = raw.replace(/\[[^\]]*\]\([^)]*\)/g, ' ');
    for (const { 0: all, 1: name = '', 2: version = '', index } of text.replace(/`/g, '').matchAll(pattern)) {
      const tags = [...(images.get(name.toLowerCase()) ?? [])].map((tag) => tag.replace(/^v/, ''));
      if (tags.length === 0 || tags.some((tag) => !/^\d/.test(tag))) continue;
      // Of the project itself a document tells more than one version.
      if (
        asked.test(`${text} ${headings}`) ||
        isAdvice(text, index) ||
        /\btest(?:s|ed)?\b/i.test(`${parsed.prose[line - 2] ?? ''} ${text}`) ||
        (await repository.isNamed(name.toLowerCase()))
      )
        continue;
      // Something else of the repository asks for just that version.
      if (/\.\d+\./.test(version) && (await sources.containText(version))) continue;
      // What the document installs itself is not what is deployed.
      if (parsed.fences.some((fence) => fence.text.toLowerCase().includes(`${name.toLowerCase()}@${version}`)))
        continue;
      // A number without a point may count something, or be a port.
      if (!version.includes('.') && (all.includes(':') || !/\b(?:compose|stack|images?|containers?)\b/i.test(text)))
        continue;
      const verdict: Verdict = tags.some(
        (tag) =>
          tag === version ||
          (/^[.-]/.test(tag.slice(version.length)) && tag.startsWith(version)) ||
          version.startsWith(`${tag.replace(/-.*$/, '')}.`),
      )
        ? holds(`the image is ${name}:${tags.join(', ')}`)
        : (runs.test(`${text} ${headings}`) ? wrong : doubt)(
            `the deployment files start ${name.toLowerCase()} with the tag ${tags.join(', ')}`,
            'correct the version, or the image',
          );
      claims.push({ kind: 'value', line, text: all, ...verdict });
    }
  }
  return claims;
}

const tools =
  'clippy rustfmt cargo-audit cargo-deny tarpaulin llvm-cov miri golangci-lint staticcheck govulncheck gosec eslint prettier oxlint biome mypy pyright ruff flake8 black pylint bandit pytest tox codecov coveralls trivy hadolint shellcheck semgrep codeql sonarqube snyk dependabot renovate playwright cypress'.split(
    ' ',
  );

/** "CI runs clippy", where no file of the repository so much as names it. */
async function ciClaims({ repository, sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  if (!repository.files.some((path) => /^\.github\/workflows\/.+\.ya?ml$|^\.gitlab-ci\.yml$|^\.circleci\//.test(path)))
    return claims;
  const workflows = await sources.matching(/^\.github\/workflows\/.+\.ya?ml$/);
  for (const { line, text } of spokenLines(parsed)) {
    for (const { 0: runner, index } of text.matchAll(
      /(?<![\w/.-])(?:ubuntu|macos|windows)-(?:\d\d(?:\.\d\d)?|latest)(?![\w.-]*\w)/g,
    )) {
      if (workflows.size === 0 || isAdvice(text, index)) continue;
      claims.push({
        kind: 'value',
        line,
        text: runner,
        ...((await sources.containText(runner)) || (await sources.containText(runner.replace('macos', 'macOS')))
          ? holds('a workflow names it')
          : doubt('no workflow of the repository runs on it', 'correct the name')),
      });
    }
    const match =
      /\b(?:CI|continuous integration|pipeline|workflows?)\b[^.;|]{0,20}\b(?:runs?|checks?|executes?|enforces?|includes?|gates?)\b([^.;|]*)/i.exec(
        text,
      );
    if (!match || isAdvice(text, match.index)) continue;
    for (const tool of tools) {
      if (!new RegExp(`\\b${tool}\\b`, 'i').test(match[1] ?? '')) continue;
      const texts = [...(await sources.texts()).values()];
      const word = new RegExp(`\\b${tool}\\b`, 'i');
      claims.push({
        kind: 'value',
        line,
        text: `CI runs ${tool}`,
        ...(texts.some((one) => word.test(one)) || repository.files.some((path) => word.test(path))
          ? holds('the repository names it')
          : (sources.whole ? wrong : doubt)(
              `no workflow, script or manifest of the repository names ${tool}`,
              'correct the sentence, or let CI run it',
            )),
      });
    }
  }
  return claims;
}

/** Where things come from, and when they were made: licence, days, images, and what CI runs. */
export const originClaims = async (reading: Reading): Promise<Claim[]> =>
  (await Promise.all([licenceClaim, dateClaims, imageClaims, ciClaims].map((one) => one(reading)))).flat();
