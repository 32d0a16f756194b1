import { familyOf } from './package-managers.ts';
import { instructionsOf, type Instruction } from './dockerfile.ts';

/** What a build, or the image that it makes, fails by. */
export interface BuildFault {
  line: number;
  /** Index of its stage. */
  stage: number;
  seen: string;
  hint: string;
  sure: boolean;
  /** Files of the build context of which one may change what is said. */
  unless?: string[];
}

interface Stage {
  index: number;
  /** The image that it goes back to. */
  base: string;
  lines: Instruction[];
  /** The instructions of the stages that it is built upon stand before its own. */
  above: Instruction[];
}

/** Reads one Dockerfile for slips that its text alone shows. */
export function buildFaults(dockerfile: string): BuildFault[] {
  const all = instructionsOf(dockerfile);
  const first = all.findIndex(({ keyword }) => keyword === 'FROM');
  const outer = all.slice(0, Math.max(0, first)).flatMap((one) => (one.keyword === 'ARG' ? argumentsOf(one) : []));
  const stages: Stage[] = [];
  const named = new Map<string, Stage>();
  for (const one of all.slice(Math.max(0, first))) {
    if (one.keyword === 'FROM') {
      const [, image = '', name = ''] = /^(\S+)(?:\s+AS\s+(\S+))?/i.exec(one.text) ?? [];
      const below = named.get(image.toLowerCase());
      const above = below ? [...below.above, ...below.lines] : [];
      const stage = { index: stages.length, base: below?.base ?? image, lines: [], above };
      named.set(String(stages.length), stage).set(name.toLowerCase(), stage);
      stages.push(stage);
    } else stages.at(-1)?.lines.push(one);
  }
  return stages.flatMap((stage) => [
    ...lostArguments(stage, outer),
    ...ignoredCommand(stage),
    ...forbiddenInstall(stage),
    ...installWithoutLists(stage),
    ...foreignBinary(stage, named),
  ]);
}

const argumentsOf = ({ text }: Instruction): string[] =>
  [...text.matchAll(/(?:^|\s)(\w+)(?==|\s|$)/g)].map(([, name = '']) => name);

/** ARG above the first FROM counts for FROM alone. */
function lostArguments({ index, lines, above, base }: Stage, outer: readonly string[]): BuildFault[] {
  const known = new Set(
    [...above, ...lines].flatMap((one) => (/^(?:ARG|ENV)$/.test(one.keyword) ? argumentsOf(one) : [])),
  );
  const ofBase = `${/([a-z]+)(?::|$)/.exec(base)?.[1] ?? ''}_version`;
  return outer.flatMap((name): BuildFault[] => {
    if (known.has(name) || name.toLowerCase() === ofBase) return [];
    const use = lines.find(
      ({ keyword, text }) =>
        /^(?:RUN|COPY|ADD|ENV|LABEL|WORKDIR)$/.test(keyword) &&
        new RegExp(`\\$(?:${name}\\b|\\{${name}\\})`).test(text) &&
        !new RegExp(`\\b${name}=|\\b(?:read|for) ${name}\\b`).test(text),
    );
    return use === undefined
      ? []
      : [
          {
            line: use.line,
            stage: index,
            seen: `\${${name}} is empty in this stage: the ARG above the first FROM counts for FROM alone`,
            hint: `write ARG ${name} below FROM once more`,
            sure: false,
          },
        ];
  });
}

function ignoredCommand({ index, lines }: Stage): BuildFault[] {
  const entry = lines.findLast(({ keyword }) => keyword === 'ENTRYPOINT');
  const command = lines.findLast(({ keyword }) => keyword === 'CMD');
  if (!entry || !command?.words || command.words.length === 0 || entry.words || /\$[@*0-9]/.test(entry.text)) return [];
  return [
    {
      line: command.line,
      stage: index,
      seen: `CMD ${command.words.join(' ')} never reaches the program: the ENTRYPOINT is a text of the shell, which ignores CMD`,
      hint: 'write ENTRYPOINT as a list: ["program", "argument"]',
      sure: command.words[0]?.startsWith('-') === true,
    },
  ];
}

const installs =
  /(?:^|&&|;|\|\|)\s*(?:[A-Z_]+=\S+\s+)*(apt-get|apt|apk)\s+(?:-\S+\s+)*(?:install|update|add|upgrade)\b/;

function forbiddenInstall({ index, lines, above }: Stage): BuildFault[] {
  let user = 'root';
  for (const [n, { keyword, text, line }] of [...above, ...lines].entries()) {
    if (keyword === 'USER') user = text.trim().split(':')[0] ?? '';
    const manager = keyword === 'RUN' ? installs.exec(text)?.[1] : undefined;
    if (n < above.length || manager === undefined || /^(?:root|0|)$/.test(user) || user.includes('$')) continue;
    return [
      {
        line,
        stage: index,
        seen: `${manager} runs as ${user}, who may not install packages`,
        hint: 'put USER below it, or write USER root above',
        sure: true,
      },
    ];
  }
  return [];
}

/** Debian's images come without lists of packages. */
function installWithoutLists({ index, base, lines, above }: Stage): BuildFault[] {
  if (familyOf(base) !== 'Debian') return [];
  const runs = [...above, ...lines].filter(({ keyword }) => keyword === 'RUN' || keyword === 'ADD');
  const install = lines.find(
    ({ keyword, text }) => keyword === 'RUN' && /\bapt(?:-get)?\s+(?:-\S+\s+)*install\s/.test(text),
  );
  const fetched = runs.some(
    ({ text, line }) =>
      line <= (install?.line ?? 0) &&
      (/\bapt(?:-get)?\s+(?:-\S+\s+)*update\b|\/var\/lib\/apt|\.deb\b|\$\(|<</.test(text) ||
        /(?:^|[\s/])[\w.-]+\.sh\b|https?:\/\//.test(text)),
  );
  return install === undefined || fetched
    ? []
    : [
        {
          line: install.line,
          stage: index,
          seen: `apt-get installs without apt-get update: ${base} has no lists of packages, and finds none`,
          hint: 'write apt-get update && apt-get install …',
          sure: true,
        },
      ];
}

/** Images without the C library of Debian. */
const withoutGlibc =
  /^(?:docker\.io\/)?(?:library\/)?(?:alpine|[a-z]+:[\w.-]*alpine[\w.-]*|scratch|busybox(?::.*)?)(?::|$)|distroless\/static/;

/** A program of Rust that was built on Debian is copied onto an image without Debian's C library. */
function foreignBinary({ index, base, lines, above }: Stage, named: ReadonlyMap<string, Stage>): BuildFault[] {
  if (
    !withoutGlibc.test(base) ||
    /\b(?:gcompat|libc6-compat|glibc)\b/.test([...above, ...lines].map(({ text }) => text).join(' '))
  )
    return [];
  for (const { text, line, from: name } of lines) {
    const from = name === undefined ? undefined : named.get(name);
    if (!from || !/\/target\/release\/|^target\/release\//.test(text) || familyOf(from.base) !== 'Debian') continue;
    const building = [...from.above, ...from.lines].map((one) => one.text).join('\n');
    if (/musl|crt-static|CARGO_BUILD_TARGET|--target\b|zigbuild/.test(building)) continue;
    return [
      {
        line,
        stage: index,
        seen: `a program built on ${from.base} needs its C library, which ${base} does not have: it ends at once with "not found"`,
        hint: 'build for a musl target, or copy it onto an image of Debian',
        sure: true,
        unless: ['.cargo/config.toml', '.cargo/config'],
      },
    ];
  }
  return [];
}
