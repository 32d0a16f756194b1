import { objectOf, textOf } from '../../formats/data/json-parts.ts';
import { cargoFeatures, crateFeatures, nightlyConfig, rustImages, toolchainChannel } from './project.ts';
import type { Drafting } from '../contract.ts';
import { belongsTo, type DraftItem, type DraftStep, type ProjectTree } from '../drafted.ts';
import { tomlOf } from '../../formats/data/toml.ts';
import { baseOf, folderOf, inFolder, liesIn } from '../../formats/data/paths.ts';

/** Options of rustfmt.toml that only a nightly rustfmt knows: a stable one leaves them out and formats otherwise. */
const unstableFormat =
  /^\s*(?:unstable_features|imports_\w+|group_imports|format_(?:code_in_doc_comments|macro_\w+|strings)|wrap_comments|normalize_\w+|comment_width|reorder_impl_items|overflow_delimited_expr|\w+_align_threshold|blank_lines_\w+|brace_style|control_brace_style|condense_wildcard_suffixes|error_on_\w+|fn_single_line|force_multiline_blocks|hex_literal_case|indent_style|inline_attribute_width|match_arm_blocks|skip_children|space\w*_\w+|struct_lit_single_line|trailing_\w+|type_punctuation_density|where_single_line|ignore|combine_control_expr|binop_separator)\s*=/m;

/** What makes, tests and describes the project: there it says what it promises of itself. */
const promises = (tree: ProjectTree): string =>
  tree.paths
    .filter((path) =>
      /(?:^|\/)(?:Makefile|[Jj]ustfile|[^/]+\.md|\.gitlab-ci\.yml|Taskfile\.ya?ml)$|^\.github\/workflows\/|^\.?ci\//.test(
        path,
      ),
    )
    .map((path) => tree.text(path) ?? '')
    .join('\n');

/** Steps for every Cargo workspace, and for packages that belong to none. */
export function cargoItems(tree: ProjectTree, drafting: Drafting): DraftItem[] {
  const manifests = tree.paths
    .filter((path) => baseOf(path) === 'Cargo.toml')
    .toSorted((a, b) => a.split('/').length - b.split('/').length);
  const roots: string[] = [];
  for (const path of manifests) {
    const above = roots.find((root) => liesIn(path, folderOf(root)));
    const toml = tomlOf(tree.text(path));
    if (above === undefined || toml === undefined || 'workspace' in toml) roots.push(path);
  }
  const said = promises(tree);
  return roots.flatMap((root) => workspaceItem(tree, root, manifests, roots, said, drafting));
}

function workspaceItem(
  tree: ProjectTree,
  root: string,
  manifests: readonly string[],
  roots: readonly string[],
  said: string,
  { ids, leftOut }: Drafting,
): DraftItem[] {
  const folder = folderOf(root);
  const name = roots.length === 1 ? '' : `-${folder === '' ? 'root' : folder}`;
  const manifest = root === 'Cargo.toml' ? {} : { manifest: root };
  const sources = tree.paths.filter((path) => path.endsWith('.rs') && belongsTo(path, root, roots));
  const text = sources.map((path) => tree.text(path) ?? '');
  // The nearest that pins one counts, as rustup looks for it.
  const parts = folder.split('/');
  const channel = [...parts.map((_, n) => parts.slice(0, parts.length - n).join('/')), '']
    .flatMap((one) => ['rust-toolchain', 'rust-toolchain.toml'].map((file) => inFolder(one, file)))
    .map((file) => toolchainChannel(tree.text(file) ?? ''))
    .find((one) => one !== undefined);
  const own = (name: RegExp): string[] =>
    tree.paths.filter((path) => name.test(path) && belongsTo(path, root, roots)).map((path) => tree.text(path) ?? '');
  const nightly =
    channel?.startsWith('nightly') === true ||
    text.some((one) => crateFeatures(one).length > 0) ||
    own(/(?:^|\/)Cargo\.toml$/).some((one) => cargoFeatures(one).length > 0) ||
    own(/(?:^|\/)\.cargo\/config(?:\.toml)?$/).some((one) => nightlyConfig(one).length > 0) ||
    own(/(?:^|\/)(?:Dockerfile[\w.-]*|[\w.-]+\.Dockerfile)$/).some((one) =>
      rustImages(one).some((image) => image.nightly),
    );
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
  tree: ProjectTree,
  root: string,
  manifests: readonly string[],
  roots: readonly string[],
  leftOut: string[],
): string | undefined {
  const workspace = textOf(objectOf(objectOf(tomlOf(tree.text(root))?.['workspace'])['package'])['edition']);
  const editions = new Map<string, string>();
  for (const path of manifests) {
    const own = tomlOf(tree.text(path))?.['package'];
    if (!belongsTo(path, root, roots) || own === undefined) continue;
    const said = objectOf(own)['edition'];
    editions.set(path, typeof said === 'string' ? said : said === undefined ? '2015' : workspace);
  }
  const values = [...new Set(editions.values())];
  const [only] = values;
  if (values.length === 1 && only !== undefined && /^20(?:15|18|21|24)$/.test(only)) return only;
  if (values.length > 1) leftOut.push(`code/edition of ${root}: its members are on ${values.toSorted().join(' and ')}`);
  return undefined;
}
