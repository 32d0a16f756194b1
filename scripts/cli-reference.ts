/** Writes docs/cli.md from what each command says of itself with `--help`. With `--check` it writes nothing, and ends with 1 where the page is not current. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'cli.md');

function helpOf(words: readonly string[]): string {
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'src', 'cli.ts'), ...words, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '100', VERIFY_COMMAND: 'verify' },
  });
  if (status !== 0) throw new Error(`verify ${words.join(' ')} --help ended with ${status}`);
  return stdout.trimEnd();
}

const all = helpOf([]);
const commands = [...all.matchAll(/^ {2}([a-z][a-z-]*)(?: [[<]| {2,})/gm)].map(([, name = '']) => name);
const names = [...new Set(commands)].filter((name) => !['help', 'verify'].includes(name));
const section = (name: string): string => `## verify ${name}\n\n\`\`\`text\n${helpOf([name])}\n\`\`\`\n`;
const text = `# The command line

Made by \`npm run gen\` from \`--help\`; do not edit. In a project that has the package as a dependency, write \`npx verify-milestone\` in place of \`verify\`.

${names.map((name) => `[${name}](#verify-${name})`).join(' · ')}

\`\`\`text
${all}
\`\`\`

${names.map(section).join('\n')}`;

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/cli.md is not current: npm run gen\n');
  process.exitCode = 1;
}
