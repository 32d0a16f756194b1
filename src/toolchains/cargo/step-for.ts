import type { ToolStep } from '../contract.ts';
import { optionValues } from '../../formats/programs/option-values.ts';

/** The step that does what a cargo command does. */
export function cargoStep(words: readonly string[]): ToolStep | undefined {
  if (words[0] !== 'cargo') return undefined;
  const toolchain = words[1]?.startsWith('+') === true ? words[1].slice(1) : undefined;
  const [sub, ...args] = words.slice(toolchain === undefined ? 1 : 2);
  const split = args.indexOf('--');
  const own = split < 0 ? args : args.slice(0, split);
  const after = split < 0 ? [] : args.slice(split + 1);
  const [manifest] = optionValues(own, ['--manifest-path']);
  const common = { ...(toolchain !== undefined && { toolchain }), ...(manifest !== undefined && { manifest }) };
  const packages = optionValues(own, ['-p', '--package']);
  const features = optionValues(own, ['-F', '--features']).flatMap((list) => list.split(/[ ,]/));
  const selection = {
    ...common,
    ...(packages.length > 0 && { packages }),
    ...(features.length > 0 && { features }),
    ...(own.includes('--locked') && { locked: true }),
    ...(own.includes('--offline') && { offline: true }),
  };
  if (sub === 'fmt')
    return {
      id: 'fmt',
      uses: 'cargo/fmt',
      ...(Object.keys(common).length > 0 && { with: common }),
      ...(!args.includes('--check') && { note: 'as it is written it formats, and verifies nothing; the step checks' }),
    };
  if (sub === 'clippy') {
    const lints = (name: string[]): string[] => optionValues([...own, ...after], name);
    const deny = lints(['-D', '--deny']);
    const misplaced = own.some((word) => /^(?:-[DWAF]|--(?:deny|warn|allow|forbid))$/.test(word));
    return {
      id: 'clippy',
      uses: 'cargo/clippy',
      with: {
        ...selection,
        ...(!own.includes('--all-targets') && { allTargets: false }),
        ...(!own.includes('--all-features') && { allFeatures: false }),
        deny: deny.length > 0 ? deny : ['warnings'],
        ...(lints(['-A', '--allow']).length > 0 && { allow: lints(['-A', '--allow']) }),
      },
      ...(misplaced && { note: 'as it is written cargo refuses it: lint flags follow `--`; the step puts them there' }),
    };
  }
  // What is handed to the test programs themselves, such as --ignored, the step does not know.
  if (sub !== 'test' || after.some((word) => !/^(?:--nocapture|--test-threads(?:=.*)?|\d+)$/.test(word)))
    return undefined;
  const filter = own.find(
    (word, n) =>
      !word.startsWith('-') &&
      !/^-(?:p|F|j|-(?:package|features|test|bin|bench|example|manifest-path|jobs|target|profile))$/.test(
        own[n - 1] ?? '',
      ),
  );
  return {
    id: 'tests',
    uses: 'cargo/test',
    with: {
      ...selection,
      ...(own.includes('--all-targets') && { allTargets: true }),
      ...(own.includes('--all-features') && { allFeatures: true }),
      ...(own.includes('--release') && { release: true }),
      ...(filter !== undefined && { filter }),
      minimum: 1,
    },
    note: 'set minimum to the number of tests that is promised',
  };
}
