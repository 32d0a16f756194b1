import { posix } from 'node:path';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { parseShell } from '../formats/programs/shell.ts';
import type { Sources } from '../repository/sources.ts';

/** A test whose exit code is lost, since what it is piped into ends well. */
export interface LostExit {
  file: string;
  line: number;
  command: string;
}

const tests =
  /^(?:\.\/)?(?:cargo (?:\+\S+ )?(?:test|nextest|clippy)\b|go (?:test|vet)\b|(?:python3? -m )?(?:pytest|unittest)\b|(?:npm|pnpm|yarn|bun) (?:run )?(?:test|lint)\b|(?:npx |pnpm exec )?(?:jest|vitest|mocha|eslint|tsc|playwright)\b|make (?:test|check|lint)\b|mvn (?:test|verify)\b|(?:\.\/)?gradlew? (?:test|check)\b|ctest\b|tox\b|bats\b|phpunit\b|rspec\b|dotnet test\b|promtool (?:check|test)\b|amtool check-config\b)/;
/** Options by which such a command runs no test: it lists, builds or measures. */
const runsNone =
  / --?(?:list|collect-only|co|no-run|bench(?:mem|time)?|help|version|print-config|showConfig)(?:[= ]|$)/;
/** What passes its input on and ends well whatever that was; reporters of tests such as `tparse` end as the tests did. */
const endsWell = /^(?:tee|cat|tail|head|sed|awk|sort|tr|cut|less|more|ts|jq|strip-\w+)$/;

/** Scripts and workflows that pipe a test into something without `pipefail`. */
export async function lostExits(sources: Sources): Promise<{ lost: LostExit[]; looked: number }> {
  const lost: LostExit[] = [];
  let looked = 0;
  for (const [file, text] of await sources.texts()) {
    if (/(?:^|\/)(?:testdata|fixtures?|examples?|vendor)\//.test(file)) continue;
    const script = /\.(?:sh|bash)$/.test(file) || /^#!.*\b(?:ba|da|k)?sh\b/.test(text.slice(0, 60));
    if (script) {
      looked++;
      const kept = /\bpipefail\b|PIPESTATUS|pipestatus|mispipe/.test(text) || /^#!.*\bzsh\b/.test(text);
      if (!kept) lost.push(...pipedTests(text).map(({ line, command }) => ({ file, line, command })));
    } else if (/(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(file)) {
      looked++;
      lost.push(...ofWorkflow(file, text));
    }
  }
  return { lost, looked };
}

function ofWorkflow(file: string, text: string): LostExit[] {
  let root: Record<string, unknown>;
  try {
    root = objectOf(yamlOf(text));
  } catch {
    return [];
  }
  const shellOf = (node: unknown): string => textOf(objectOf(objectOf(objectOf(node)['defaults'])['run'])['shell']);
  return Object.values(objectOf(root['jobs'])).flatMap((job) =>
    listOf(objectOf(job)['steps']).flatMap((step): LostExit[] => {
      const run = textOf(objectOf(step)['run']);
      const shell = textOf(objectOf(step)['shell']) || shellOf(job) || shellOf(root);
      // Named alone, `bash` is called with pipefail; where no shell is named, without.
      if (
        run === '' ||
        shell !== '' ||
        /\bpipefail\b|PIPESTATUS/.test(run) ||
        objectOf(step)['continue-on-error'] === true ||
        // PowerShell keeps the exit code of the program.
        /windows/i.test(JSON.stringify(objectOf(job)['runs-on'] ?? ''))
      )
        return [];
      const first = run.split('\n').find((line) => line.trim() !== '') ?? '';
      const at = text.slice(0, Math.max(0, text.indexOf(first.trim()))).split('\n').length;
      return pipedTests(run, text).map(({ line, command }) => ({ file, line: at + line - 1, command }));
    }),
  );
}

/** Does `text` look for something in one of the files into which `tee` writes? */
const isSearched = (written: readonly string[], text: string): boolean =>
  written.some((name) => text.split('\n').some((line) => /\b(?:grep|rg|awk)\b/.test(line) && line.includes(name)));

/** Tests that are followed by a pipe into what ends well, where nothing asks for more in the `whole` file. */
function pipedTests(text: string, whole = text): { line: number; command: string }[] {
  const commands = parseShell(text);
  return commands.flatMap((one, n) => {
    const next = commands[n + 1];
    const words = one.argv.map((word) => word.text).join(' ');
    if (!tests.test(words) || runsNone.test(words) || next?.piped !== true || one.piped) return [];
    let end = n + 1;
    while (commands[end + 1]?.piped === true) end++;
    const all = commands.slice(n + 1, end + 1).map(({ argv }) => argv[0]?.text ?? '');
    const written = commands
      .slice(n + 1, end + 1)
      .filter(({ argv }) => argv[0]?.text === 'tee')
      .flatMap(({ argv }) =>
        argv.slice(1).flatMap((word) => (word.text.startsWith('-') ? [] : posix.basename(word.text))),
      );
    return all.every((program) => endsWell.test(program)) && !isSearched(written, whole)
      ? [{ line: one.line, command: `${words} | ${all.join(' | ')}` }]
      : [];
  });
}
