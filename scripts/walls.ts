import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { onTheirWayOut, rooms, type Room } from './wall-table.ts';

/**
 * Holds every import of `src` to the table of rooms. Static and dynamic imports, imports of types, `library('x')` and whatever else
 * loads a module count; what loads a module by a name that is computed is refused.
 *
 *   node scripts/walls.ts            checks, and says what it counted
 *   node scripts/walls.ts --write    also writes the layout into ARCHITECTURE.md
 */

/** One import: `src`-relative file and line, and the module as it is written; undefined where the name is computed. */
interface Import {
  file: string;
  line: number;
  module: string | undefined;
}

/** May load a library by a name that is handed in: its callers are counted in its place. */
const lazyLoader = 'formats/data/libraries.ts';

function importsOf(file: string, text: string): Import[] {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const found: Import[] = [];
  const add = (node: { start: number }, module: unknown): void => {
    const line = text.slice(0, node.start).split('\n').length;
    found.push({ file, line, module: typeof module === 'string' ? module : undefined });
  };
  const literal = (node: unknown): unknown => (node as { value?: unknown } | undefined)?.value;
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source.value),
    ExportAllDeclaration: (node) => add(node, node.source.value),
    ExportNamedDeclaration: (node) => node.source && add(node, node.source.value),
    ImportExpression: (node) => add(node, literal(node.source)),
    TSImportType: (node) => add(node, literal(node.source)),
    TSImportEqualsDeclaration: (node) => add(node, undefined),
    CallExpression(node) {
      const name = node.callee.type === 'Identifier' ? node.callee.name : undefined;
      if (name === 'library' || name === 'require') add(node, literal(node.arguments[0]));
    },
    MemberExpression(node) {
      if (['createRequire', 'getBuiltinModule'].includes((node.property as { name?: string }).name ?? ''))
        add(node, undefined);
    },
  }).visit(program);
  return found.filter((one) => file !== lazyLoader || one.module !== undefined);
}

/** The room that a file of `src` is in: the longest name in the table that its path begins with. */
function roomOf(path: string): Room | undefined {
  const bare = path.replace(/\.ts$/, '');
  return rooms
    .filter(({ name }) => bare === name || path.startsWith(`${name}/`))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

const allows = (patterns: readonly string[], name: string): boolean =>
  patterns.some((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));

export interface Walls {
  /** Sentences, each with its file and line. */
  problems: string[];
  files: number;
  /** `from → to`, with the files that draw it. */
  arrows: Map<string, Set<string>>;
}

/** @param src the folder of the sources */
export function checkWalls(src: string): Walls {
  const problems = tableProblems(rooms);
  const arrows = new Map<string, Set<string>>();
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .toSorted();
  for (const file of files) {
    const room = roomOf(file);
    if (room === undefined) {
      problems.push(`src/${file} is in no room of scripts/wall-table.ts`);
      continue;
    }
    for (const { line, module } of importsOf(file, readFileSync(join(src, file), 'utf8'))) {
      const refuse = (why: string): unknown =>
        problems.push(`src/${file}:${line}: ${room.name} ${why} (scripts/wall-table.ts)`);
      if (module === undefined) refuse('loads a module by a computed name: write the name');
      else if (!module.startsWith('.')) {
        if (!allows(room.outside, module)) refuse(`may not import ${module}`);
      } else {
        const path = join(file, '..', module).replaceAll('\\', '/');
        if (path === '../package.json') continue;
        const to = roomOf(path);
        if (to === undefined) refuse(`imports ${module}, which is in no room`);
        else if (to !== room) {
          const arrow = `${room.name} → ${to.name}`;
          arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(file));
          if (!allows(room.may, to.name) && !onTheirWayOut[arrow]?.includes(file)) refuse(`may not import ${to.name}`);
        }
      }
    }
  }
  return { problems, files: files.length, arrows };
}

/** What is wrong with the table itself: a room may name only rooms that stand above it. */
export function tableProblems(table: readonly Room[]): string[] {
  const above = new Set<string>();
  return table.flatMap((room) => {
    const wrong = room.may.filter((one) => ![...above].some((name) => allows([one], name)));
    above.add(room.name);
    return wrong.map((one) => `scripts/wall-table.ts: ${room.name} names ${one}, which does not stand above it`);
  });
}

/** Entries of `onTheirWayOut` that nothing needs any more. */
export const spentExceptions = ({ arrows }: Walls): string[] =>
  Object.entries(onTheirWayOut).flatMap(([arrow, files]) =>
    files.filter((file) => !arrows.get(arrow)?.has(file)).map((file) => `${arrow}: ${file} no longer draws it`),
  );

const marks = ['<!-- rooms: written by `npm run gen` -->', '<!-- end of rooms -->'] as const;

/** The layout as ARCHITECTURE.md shows it: every room with what it is for and what it imports, from the top down. */
export function layout(): string {
  const width = Math.max(...rooms.map(({ name }) => name.length)) + 2;
  const lines = rooms
    .toReversed()
    .flatMap(({ name, what, may }) => [
      `${name.padEnd(width)}${what}`,
      ...(may.length > 0 ? [`${' '.repeat(width)}→ ${may.join(' ')}`] : []),
    ]);
  return [marks[0], '```', ...lines, '```', marks[1]].join('\n');
}

/** ARCHITECTURE.md with the layout of the table in its place. @throws Error where it has no place for it */
export function withLayout(text: string): string {
  const [from, to] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
  if (from < 0 || to < from) throw new Error('ARCHITECTURE.md has no place for the rooms');
  return text.slice(0, from) + layout() + text.slice(to + marks[1].length);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..');
  const document = join(root, 'ARCHITECTURE.md');
  const text = readFileSync(document, 'utf8');
  const stale = withLayout(text) !== text;
  const write = process.argv.includes('--write');
  if (stale && write) writeFileSync(document, withLayout(text));
  const walls = checkWalls(join(root, 'src'));
  const problems = [
    ...walls.problems,
    ...spentExceptions(walls),
    ...(stale && !write ? ['ARCHITECTURE.md: its rooms are not those of scripts/wall-table.ts: npm run gen'] : []),
  ];
  for (const problem of problems) console.error(problem);
  const backwards = Object.keys(onTheirWayOut).length;
  console.log(`${rooms.length} rooms, ${walls.files} files, ${walls.arrows.size} arrows, ${backwards} backwards`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
