import { interpreters, readers, scriptEnding } from './command-words.ts';
import type { Word } from '../formats/programs/shell.ts';

/** `.env.example`, `config.sample.yml`: what lies there to be copied, and is committed for that. */
export const isExample = (path: string): boolean =>
  /(?:^|[./_-])(?:example|sample|template|dist|tmpl)(?=[._-][^/]*$|$)/i.test(path);

/** Files that a command reads, by its own arguments: scripts that it runs, configuration, manifests. */
export function filesReadBy(program: string, args: readonly Word[]): { text: string; script: boolean }[] {
  const inputs: { text: string; script: boolean }[] = [];
  const plain = args.filter((word) => !word.open);
  if (/^\.{1,2}\//.test(program) || (program.includes('/') && scriptEnding.test(program)))
    inputs.push({ text: program, script: true });
  else if (interpreters.has(program) && args[0] && !args[0].open && !/^-[cmep]/.test(args[0].text)) {
    const script = args.find((word) => !word.text.startsWith('-'));
    if (script && !script.open && (script.text.includes('/') || scriptEnding.test(script.text)))
      inputs.push({ text: script.text, script: true });
  } else if (program === 'promtool' && args[0]?.text === 'check')
    inputs.push(
      ...plain
        .slice(2)
        .filter((word) => !word.text.startsWith('-'))
        .map(({ text }) => ({ text, script: false })),
    );
  else if (readers.has(program)) {
    const files = plain.filter(
      (word) => !word.text.startsWith('-') && (word.text.includes('/') || (program === 'cp' && isExample(word.text))),
    );
    inputs.push(
      ...(program === 'cp' ? files.filter((word) => word !== args.at(-1)) : files).map(({ text }) => ({
        text: text.includes('/') ? text : `./${text}`,
        script: false,
      })),
    );
  } else if (program === 'pip' || program === 'pip3') {
    const at = args.findIndex((word) => word.text === '-r' || word.text === '--requirement');
    const file = args[at + 1];
    if (at >= 0 && file && !file.open) inputs.push({ text: file.text, script: false });
  } else if (program === 'kubectl' || (program === 'docker' && args[0]?.text === 'build')) {
    const at = args.findIndex((word) => word.text === '-f' || word.text === '--file');
    const file = args[at + 1];
    if (at >= 0 && file && !file.open && file.text.includes('/')) inputs.push({ text: file.text, script: false });
  }
  return inputs;
}

/** Packages of a module that `go build`, `go run` … name by their folders; what follows the one that is run is for the program. */
export function goPackagesIn(args: readonly Word[]): string[] {
  const given = args.filter((_, n) => n > 0 && !/^-(?:o|args|exec|coverprofile|C)$/.test(args[n - 1]?.text ?? ''));
  const first = given.findIndex(({ text }) => !text.startsWith('-'));
  const named = args[0]?.text === 'run' ? given.slice(first, first + 1) : given;
  return named.flatMap(({ text, open }) =>
    !open && /^\.\/[\w./-]+$/.test(text) && !text.includes('...') ? [text] : [],
  );
}
