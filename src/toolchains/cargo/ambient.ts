import type { StepContext } from '../../core/step.ts';
import { tomlOf } from '../../formats/data/toml.ts';

/** A setting from outside of the checklist that changes what cargo's programs do. */
export interface Setting {
  /** `RUSTFLAGS=--cap-lints allow`, `build.rustflags = …` */
  text: string;
  /** The environment, or a file. */
  from: string;
  /** The file is part of the tree that is verified. */
  ofTree: boolean;
  what: 'flags' | 'runner' | 'program' | 'wrapper' | 'alias' | 'clippy' | 'lints' | 'group' | 'rustfmt';
}

const variables: readonly [RegExp, Setting['what']][] = [
  [/^(?:RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_BUILD_RUSTFLAGS|CARGO_TARGET_\w+_RUSTFLAGS)$/, 'flags'],
  [/^CARGO_TARGET_\w+_RUNNER$/, 'runner'],
  [/^(?:RUSTC|CARGO_BUILD_RUSTC|RUSTDOC|CARGO_BUILD_RUSTDOC)$/, 'program'],
  [
    /^(?:RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|CARGO_BUILD_RUSTC_WRAPPER|CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER)$/,
    'wrapper',
  ],
  [/^(?:CARGO_ALIAS_(?:FMT|CLIPPY|TEST))$/, 'alias'],
  [/^(?:CLIPPY_ARGS|CLIPPY_CONF_DIR)$/, 'clippy'],
  [/^RUSTFMT$/, 'rustfmt'],
];
const anyVariable = new RegExp(variables.map(([pattern]) => pattern.source).join('|'));

/** Flags that keep lints from being seen: `--cap-lints`, `-A`, `--allow`. */
export const silences = (text: string): boolean =>
  /--cap-lints|(?:^|[\s\u001f"'=,[])(?:-A|--allow)(?=[\s\u001f="',\w]|$)/.test(text);

/** Compiler caches, which pass on what the compiler says. */
export const isCache = (text: string): boolean =>
  /[=/ "](?:sccache|cachepot|ccache|kache)(?:\.exe)?"?$/.test(text.trim());

const above = (folder: string): string[] => {
  const parts = folder.split('/');
  return parts.map((_, n) => parts.slice(0, parts.length - n).join('/') || '/');
};

/**
 * What the environment, cargo's configuration files and clippy's say besides the checklist.
 * Source: the Cargo book (configuration: hierarchical structure, environment variables), clippy's book (configuration).
 * @param folders of the manifests, absolute
 */
export async function ambientSettings(
  ctx: StepContext,
  own: Readonly<Record<string, string>>,
  folders: readonly string[],
): Promise<Setting[]> {
  const environment = { ...ctx.variables(anyVariable), ...own };
  const found: Setting[] = Object.entries(environment).flatMap(([name, value]) => {
    const what = variables.find(([pattern]) => pattern.test(name))?.[1];
    return what === undefined || value === ''
      ? []
      : [{ text: `${name}=${value}`, from: 'the environment', ofTree: false, what }];
  });
  const { HOME = '', CARGO_HOME = `${HOME}/.cargo` } = ctx.variables(/^(?:HOME|CARGO_HOME)$/);
  const configs = [
    ...above(ctx.target).flatMap((folder) => [`${folder}/.cargo/config.toml`, `${folder}/.cargo/config`]),
    `${CARGO_HOME}/config.toml`,
    `${CARGO_HOME}/config`,
  ];
  for (const path of new Set(configs)) {
    const text = await ctx.files.readIfThere(path);
    if (text !== undefined) found.push(...configured(text).map((one) => ({ ...one, ...placed(path, ctx) })));
  }
  if (environment['CLIPPY_CONF_DIR'] === undefined)
    for (const path of await nearest(ctx, folders, ['.clippy.toml', 'clippy.toml']))
      if (!placed(path, ctx).ofTree) found.push({ text: path, what: 'clippy', ...placed(path, ctx) });
  return found;
}

/** Configuration of rustfmt that is not part of the tree: above the target, in the home folder, or ignored by git. */
export async function foreignRustfmt(ctx: StepContext, folders: readonly string[]): Promise<string[]> {
  const { HOME = '', XDG_CONFIG_HOME = `${HOME}/.config` } = ctx.variables(/^(?:HOME|XDG_CONFIG_HOME)$/);
  const paths = await nearest(ctx, folders, ['.rustfmt.toml', 'rustfmt.toml'], [HOME, `${XDG_CONFIG_HOME}/rustfmt`]);
  return paths.filter((path) => !placed(path, ctx).ofTree);
}

function placed(path: string, ctx: StepContext): Pick<Setting, 'from' | 'ofTree'> {
  const inside = path.startsWith(`${ctx.target}/`) ? path.slice(ctx.target.length + 1) : undefined;
  return { from: inside ?? path, ofTree: inside !== undefined && ctx.ofTree(inside) };
}

/** For each folder the first of the files that is there, in it or above it, else in the folders of last resort. */
async function nearest(
  ctx: StepContext,
  folders: readonly string[],
  names: readonly string[],
  last: readonly string[] = [],
): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of folders) {
    const candidates = [...above(folder), ...last].flatMap((one) =>
      names.map((name) => `${one === '/' ? '' : one}/${name}`),
    );
    for (const path of candidates) {
      if ((await ctx.files.kind(path)) !== 'file') continue;
      found.add(path);
      break;
    }
  }
  return [...found];
}

/** Settings of one configuration file. */
function configured(text: string): Pick<Setting, 'text' | 'what'>[] {
  const found: Pick<Setting, 'text' | 'what'>[] = [];
  const walk = (value: unknown, path: string): void => {
    const key = path.split('.').at(-1) ?? '';
    const what: Setting['what'] | undefined = /^(?:build|target\..+)\.rustflags$/.test(path)
      ? 'flags'
      : /^target\..+\.runner$/.test(path)
        ? 'runner'
        : /^build\.(?:rustc|rustdoc)$/.test(path)
          ? 'program'
          : /^build\.rustc-(?:workspace-)?wrapper$/.test(path)
            ? 'wrapper'
            : /^alias\.(?:fmt|clippy)$/.test(path)
              ? 'alias'
              : /^env\.(?:CLIPPY_ARGS|CLIPPY_CONF_DIR)(?:\.value)?$/.test(path)
                ? 'clippy'
                : undefined;
    if (what !== undefined && key !== '') found.push({ what, text: `${path} = ${JSON.stringify(value)}` });
    else if (value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [name, one] of Object.entries(value)) walk(one, path === '' ? name : `${path}.${name}`);
  };
  walk(tomlOf(text), '');
  return found;
}

/** Lints that `[lints]` of a manifest allows: as a whole group, or one by one. */
export function allowedLints(text: string): { name: string; group: boolean }[] {
  const manifest = tomlOf(text) ?? {};
  const workspace = manifest['workspace'];
  const tables = [
    manifest['lints'],
    workspace !== null && typeof workspace === 'object' ? (workspace as Record<string, unknown>)['lints'] : undefined,
  ];
  return tables.flatMap((table) =>
    Object.entries(table !== null && typeof table === 'object' ? table : {}).flatMap(([tool, lints]) =>
      Object.entries(lints !== null && typeof lints === 'object' ? (lints as Record<string, unknown>) : {}).flatMap(
        ([lint, level]) => {
          const said = level !== null && typeof level === 'object' ? (level as { level?: unknown }).level : level;
          if (said !== 'allow') return [];
          const name = tool === 'rust' ? lint : `${tool}::${lint}`;
          return [
            {
              name,
              group: name === 'warnings' || name === 'clippy::all',
            },
          ];
        },
      ),
    ),
  );
}
