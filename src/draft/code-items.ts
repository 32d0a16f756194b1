import { parse } from 'smol-toml';
import { objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { crateFeatures, toolchainChannel } from '../toolchains/cargo/project.ts';
import { baseOf, folderOf, inFolder, type DraftItem, type DraftStep, type Ids, type Tree } from './draft.ts';

const tomlOf = (text: string | undefined): JsonObject | undefined => {
  try {
    return text === undefined ? undefined : objectOf(parse(text));
  } catch {
    return undefined;
  }
};
const lies = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);
/** Does the path lie in the folder of `root`, and in that of no other root within? */
const belongs = (path: string, root: string, roots: readonly string[]): boolean =>
  lies(path, folderOf(root)) &&
  !roots.some((one) => one !== root && lies(one, folderOf(root)) && lies(path, folderOf(one)));

/** Options of rustfmt.toml that only a nightly rustfmt knows: a stable one leaves them out and formats otherwise. */
const unstableFormat =
  /^\s*(?:unstable_features|imports_\w+|group_imports|format_(?:code_in_doc_comments|macro_\w+|strings)|wrap_comments|normalize_\w+|comment_width|reorder_impl_items|overflow_delimited_expr|\w+_align_threshold|blank_lines_\w+|brace_style|control_brace_style|condense_wildcard_suffixes|error_on_\w+|fn_single_line|force_multiline_blocks|hex_literal_case|indent_style|inline_attribute_width|match_arm_blocks|skip_children|space\w*_\w+|struct_lit_single_line|trailing_\w+|type_punctuation_density|where_single_line|ignore|combine_control_expr|binop_separator)\s*=/m;

/** What makes, tests and describes the project: there it says what it promises of itself. */
const promises = (tree: Tree): string =>
  tree.paths
    .filter((path) =>
      /(?:^|\/)(?:Makefile|[Jj]ustfile|[^/]+\.md|\.gitlab-ci\.yml|Taskfile\.ya?ml)$|^\.github\/workflows\/|^\.?ci\//.test(
        path,
      ),
    )
    .map((path) => tree.text(path) ?? '')
    .join('\n');

/** Steps for every Cargo workspace, and for packages that belong to none. */
export function cargoItems(tree: Tree, ids: Ids, leftOut: string[]): DraftItem[] {
  const manifests = tree.paths
    .filter((path) => baseOf(path) === 'Cargo.toml')
    .toSorted((a, b) => a.split('/').length - b.split('/').length);
  const roots: string[] = [];
  for (const path of manifests) {
    const above = roots.find((root) => lies(path, folderOf(root)));
    const toml = tomlOf(tree.text(path));
    if (above === undefined || toml === undefined || 'workspace' in toml) roots.push(path);
  }
  const said = promises(tree);
  return roots.flatMap((root) => workspaceItem(tree, root, manifests, roots, said, ids, leftOut));
}

function workspaceItem(
  tree: Tree,
  root: string,
  manifests: readonly string[],
  roots: readonly string[],
  said: string,
  ids: Ids,
  leftOut: string[],
): DraftItem[] {
  const folder = folderOf(root);
  const name = roots.length === 1 ? '' : `-${folder === '' ? 'root' : folder}`;
  const manifest = root === 'Cargo.toml' ? {} : { manifest: root };
  const sources = tree.paths.filter((path) => path.endsWith('.rs') && belongs(path, root, roots));
  const text = sources.map((path) => tree.text(path) ?? '');
  const channel = ['rust-toolchain.toml', 'rust-toolchain']
    .map((file) => toolchainChannel(tree.text(inFolder(folder, file)) ?? ''))
    .find((one) => one !== undefined);
  const nightly = channel?.startsWith('nightly') === true || text.some((one) => crateFeatures(one).length > 0);
  const format = ['rustfmt.toml', '.rustfmt.toml'].map((file) => tree.text(inFolder(folder, file)) ?? '').join('\n');
  const features = /--all-features/.test(said);
  const strict = /clippy[^\n]*-D\s*warnings|RUSTFLAGS[^\n]*-D\s*warnings/.test(said);
  const steps: DraftStep[] = [
    {
      id: ids.take(`fmt${name}`),
      uses: 'cargo/fmt',
      with: {
        ...manifest,
        ...(unstableFormat.test(format) && channel?.startsWith('nightly') !== true && { toolchain: 'nightly' }),
      },
    },
    {
      id: ids.take(`clippy${name}`),
      uses: 'cargo/clippy',
      with: {
        ...manifest,
        ...(nightly && { allTargets: false }),
        allFeatures: features,
        ...(!strict && { deny: ['clippy::correctness'] }),
      },
      ...(!strict && {
        note: 'nothing in the repository promises a build without warnings; for that, deny: [warnings]',
      }),
    },
  ];
  if (
    text.some((one) =>
      /#\[(?:[\w:]+::)?(?:test|rstest|test_case|quickcheck|proptest)\b|proptest!|^\s*\/\/[/!]\s*```/m.test(one),
    )
  )
    steps.push({ id: ids.take(`tests${name}`), uses: 'cargo/test', with: { ...manifest, minimum: 1 } });
  else leftOut.push(`cargo test of ${root}: no test was seen`);
  const edition = editionOf(tree, root, manifests, roots, leftOut);
  if (edition !== undefined)
    steps.push({
      id: ids.take(`edition${name}`),
      uses: 'code/edition',
      with: { ...manifest, edition, ...(nightly && { nightly: 'allowed' }) },
    });
  return [
    {
      id: ids.take(`cargo${name}`),
      title: `The Rust code${folder === '' ? '' : ` of ${folder}`} is formatted, free of lints, tested, and on its edition`,
      impact: 'critical',
      steps,
    },
  ];
}

/** The edition of the workspace, where all of its members have the same. */
function editionOf(
  tree: Tree,
  root: string,
  manifests: readonly string[],
  roots: readonly string[],
  leftOut: string[],
): string | undefined {
  const workspace = textOf(objectOf(objectOf(tomlOf(tree.text(root))?.['workspace'])['package'])['edition']);
  const editions = new Map<string, string>();
  for (const path of manifests) {
    const own = tomlOf(tree.text(path))?.['package'];
    if (!belongs(path, root, roots) || own === undefined) continue;
    const said = objectOf(own)['edition'];
    editions.set(path, typeof said === 'string' ? said : said === undefined ? '2015' : workspace);
  }
  const values = [...new Set(editions.values())];
  const [only] = values;
  if (values.length === 1 && only !== undefined && /^20(?:15|18|21|24)$/.test(only)) return only;
  if (values.length > 1) leftOut.push(`code/edition of ${root}: its members are on ${values.toSorted().join(' and ')}`);
  return undefined;
}

/** `go vet` and `go test` of every module that has Go files. */
export function goItems(tree: Tree, ids: Ids): DraftItem[] {
  const modules = tree.paths.filter((path) => baseOf(path) === 'go.mod');
  const steps = modules.flatMap((path): DraftStep[] => {
    const folder = folderOf(path);
    const name = modules.length === 1 ? '' : `-${folder === '' ? 'root' : folder}`;
    const inside = tree.paths.filter((one) => one.endsWith('.go') && belongs(one, path, modules));
    if (inside.length === 0) return [];
    const step = (verb: string): DraftStep => ({
      id: ids.take(`go-${verb}${name}`),
      uses: 'command',
      with: { run: ['go', verb, './...'], ...(folder !== '' && { cwd: folder }) },
    });
    return [step('vet'), ...(inside.some((one) => one.endsWith('_test.go')) ? [step('test')] : [])];
  });
  return steps.length === 0
    ? []
    : [{ id: ids.take('go'), title: 'The Go modules are vetted and their tests pass', impact: 'critical', steps }];
}

/** The repository's own programs and the files that call them, where it has both. */
const aside = /(?:^|\/)(?:examples?|testdata|fixtures?|tests?|templates)\//;
const isManifest = (tree: Tree, path: string): boolean =>
  /\.ya?ml$/.test(path) &&
  !aside.test(path) &&
  /^kind:\s*(?:Deployment|StatefulSet|DaemonSet|CronJob|Job|Pod)\s*$/m.test(tree.text(path) ?? '');
/** Does a script or workflow pipe something on that runs tests? */
const pipesTests = (tree: Tree, path: string): boolean =>
  (/\.(?:sh|bash)$/.test(path) || path.startsWith('.github/workflows/')) &&
  !aside.test(path) &&
  /\b(?:test|pytest|unittest|clippy|vet|jest|vitest|check|lint|verify)\b[^\n|]*\|(?!\|)/.test(tree.text(path) ?? '');

export function callsItem(tree: Tree, ids: Ids): DraftItem[] {
  const names = new Set<string>();
  for (const path of tree.paths) {
    const folder = folderOf(path);
    if (baseOf(path) === 'Cargo.toml' && tree.paths.includes(inFolder(folder, 'src/main.rs')))
      names.add(textOf(objectOf(tomlOf(tree.text(path))?.['package'])['name']));
    else if (baseOf(path) === 'main.go' && /(?:^|\/)cmd\/[^/]+$/.test(folder)) names.add(baseOf(folder));
    else if (baseOf(path) === 'pyproject.toml')
      for (const name of Object.keys(objectOf(objectOf(tomlOf(tree.text(path))?.['project'])['scripts'])))
        names.add(name);
  }
  names.delete('');
  const calls = tree.paths.some((path) => {
    if (!/(?:^|\/)(?:Dockerfile|[\w.-]*compose[\w.-]*\.ya?ml|[\w@.-]+\.service)$/.test(path)) return false;
    if (/(?:^|\/)(?:examples?|testdata|fixtures?|tests?)\//.test(path)) return false;
    const lines = (tree.text(path) ?? '').match(/^.*(?:ENTRYPOINT|CMD|ExecStart|command|entrypoint|test)\b.*$/gm) ?? [];
    return [...names].some((name) =>
      lines.some((line) => new RegExp(`(?<![\\w-])${name.replace(/[^\w-]/g, '.')}(?![\\w-])`).test(line)),
    );
  });
  if (!calls && !tree.paths.some((path) => isManifest(tree, path) || pipesTests(tree, path))) return [];
  return [
    {
      id: ids.take('program-calls'),
      title: 'What calls the repository’s programs uses arguments that they have',
      impact: 'major',
      steps: [{ id: ids.take('calls'), uses: 'code/calls' }],
    },
  ];
}
