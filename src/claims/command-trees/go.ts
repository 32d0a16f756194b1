import { between, newNode, partsOf, spread, type CommandNode } from './node.ts';

/** The commands that the Go files of a program give cobra, urfave/cli or `flag`; undefined where they do not show all of them. */
export function goCommand(texts: readonly string[]): CommandNode | undefined {
  const sources = texts.map((text) => text.replace(/^\s*\/\/.*$/gm, ''));
  const all = sources.join('\n');
  if (
    /DisableFlagParsing|FParseErrWhitelist|AddFlagSet|AddGoFlagSet|TraverseChildren|VisitAll|BindFlags|AddFlags\(/.test(
      all,
    )
  )
    return undefined;
  if (all.includes('spf13/cobra')) return ofCobra(all);
  if (all.includes('urfave/cli')) return ofUrfave(all);
  return /"flag"/.test(all) && !/spf13\/pflag|kingpin|NewFlagSet|jessevdk/.test(all) ? ofFlag(all) : undefined;
}

/** Methods of flag sets, with the argument that is the name. */
const flagCall = /\.(?:Flags|PersistentFlags|LocalFlags)\(\)\.(\w+)\(/g;

function ofCobra(all: string): CommandNode | undefined {
  const nodes = new Map<string, CommandNode>();
  const global = new Map<CommandNode, Set<string>>();
  const names = new Map<CommandNode, string[]>();
  const functions = new Map<string, { text: string; from: number; to: number }>();
  for (const match of all.matchAll(/^func\s+(?:\([^)]*\)\s*)?(\w+)\s*\([^)]*\)[^{\n]*\{/gm)) {
    const at = match.index + match[0].length - 1;
    const text = between(all, at);
    functions.set(match[1] ?? '', { text, from: at, to: at + text.length + 1 });
  }
  const scopeOf = (at: number): string => [...functions].find(([, one]) => at > one.from && at < one.to)?.[0] ?? '';
  const made = new Map<string, CommandNode>();
  for (const match of all.matchAll(/(?:(?:var\s+)?(\w+)\s*:?=\s*|return\s+)&?cobra\.Command\{/g)) {
    const body = between(all, match.index + match[0].length - 1);
    const use = /\bUse:\s*["`]([\w-]+)/.exec(body)?.[1];
    if (use === undefined) return undefined;
    const node = newNode();
    const aliases = [...(/\bAliases:\s*\[\]string\{([^}]*)\}/.exec(body)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(
      ([, one = '']) => one,
    );
    names.set(node, [use, ...aliases]);
    const scope = scopeOf(match.index);
    const variable = match[1] ?? 'return';
    const key = `${scope}.${variable}`;
    if (nodes.has(key)) return undefined;
    nodes.set(key, node);
    // A function that makes one command hands it back.
    if (
      scope !== '' &&
      (variable === 'return' || new RegExp(`return\\s+${variable}\\b`).test(functions.get(scope)?.text ?? ''))
    )
      made.set(scope, node);
  }
  const find = (scope: string, name: string): CommandNode | undefined =>
    nodes.get(`${scope}.${name}`) ?? nodes.get(`.${name}`);
  for (const match of all.matchAll(flagCall)) {
    const variable = /(\w+)$/.exec(all.slice(0, match.index))?.[1] ?? '';
    const node = find(scopeOf(match.index), variable);
    const method = match[1] ?? '';
    if (/^(?:Lookup|Get\w*|Changed|Set\w*|Mark\w*|Parse\w*|SortFlags|Visit|Args|NArg|Has\w*)$/.test(method)) continue;
    const args = partsOf(between(all, match.index + match[0].length - 1));
    const name = /^"([\w.-]+)"$/.exec(args[/Var(?:P|PF|F)?$/.test(method) ? 1 : 0] ?? '')?.[1];
    if (!node || name === undefined) return undefined;
    node.flags.add(name);
    if (match[0].includes('Persistent')) global.set(node, (global.get(node) ?? new Set()).add(name));
  }
  const below = new Set<CommandNode>();
  for (const match of all.matchAll(/(\w+)\.AddCommand\(/g)) {
    const scope = scopeOf(match.index);
    const above = find(scope, match[1] ?? '');
    if (!above) return undefined;
    for (const part of partsOf(between(all, match.index + match[0].length - 1))) {
      const call = /^(?:\w+\.)?(\w+)\(/.exec(part)?.[1];
      const node = call === undefined ? find(scope, part.split('.').at(-1) ?? '') : made.get(call);
      if (!node) above.open = true;
      else {
        below.add(node);
        for (const name of names.get(node) ?? []) above.subcommands.set(name, node);
      }
    }
  }
  const roots = [...nodes.values()].filter((node) => !below.has(node));
  const [root] = roots;
  if (!root || roots.length !== 1) return undefined;
  for (const [node, flags] of global) spread(node, flags);
  return root;
}

function ofUrfave(all: string): CommandNode | undefined {
  const starts = [...all.matchAll(/&?cli\.(?:App|Command)\{/g)];
  const app = starts.find((match) => match[0].includes('App')) ?? starts[0];
  return app && commandOf(between(all, app.index + app[0].length - 1));
}

/** What stands under a key of a literal, up to its end. */
function under(body: string, key: string): string | undefined {
  const part = partsOf(body).find((one) => new RegExp(`^${key}:`).test(one));
  return part?.slice(key.length + 1).trim();
}
const inBraces = (text: string): string[] => (text.includes('{') ? partsOf(between(text, text.indexOf('{'))) : []);
const texts = (text: string | undefined): string[] =>
  [...(text ?? '').matchAll(/"([^"\n]+)"/g)].map(([, one = '']) => one);

function commandOf(body: string): CommandNode {
  const node = newNode();
  const flags = under(body, 'Flags');
  if (flags !== undefined && !flags.startsWith('[]')) node.open = true;
  for (const flag of inBraces(flags ?? '')) {
    const own =
      /^&?(?:cli\.|altsrc\.)?\w*\{|^&?cli\.\w+Flag\[/.test(flag) || flag.startsWith('{')
        ? between(flag, flag.indexOf('{'))
        : '';
    const names = [...texts(under(own, 'Name')).flatMap((one) => one.split(/,\s*/)), ...texts(under(own, 'Aliases'))];
    if (names.length === 0) node.open = true;
    for (const name of names) node.flags.add(name);
  }
  if (under(body, 'SkipFlagParsing') === 'true') node.open = true;
  for (const key of ['Commands', 'Subcommands']) {
    const commands = under(body, key);
    if (commands === undefined) continue;
    if (!commands.startsWith('[]')) node.open = true;
    for (const command of inBraces(commands)) {
      const own = command.includes('{') ? between(command, command.indexOf('{')) : '';
      const names = [...texts(under(own, 'Name')), ...texts(under(own, 'Aliases'))];
      if (names.length === 0) node.open = true;
      const below = commandOf(own);
      for (const name of names) node.subcommands.set(name, below);
    }
  }
  // Flags of those above may stand below too.
  spread(node, node.flags);
  return node;
}

function ofFlag(all: string): CommandNode | undefined {
  const node: CommandNode = { ...newNode(), oneDash: true };
  for (const match of all.matchAll(/\bflag\.(\w+)\(/g)) {
    const method = match[1] ?? '';
    if (/^(?:Parse|Args|Arg|NArg|NFlag|Usage|PrintDefaults|Parsed|Set|Lookup|Visit|VisitAll)$/.test(method)) continue;
    const args = partsOf(between(all, match.index + match[0].length - 1));
    const name = /^"([\w.-]+)"$/.exec(
      args[/Var$|^Func$|^BoolFunc$/.test(method) && method !== 'Func' && method !== 'BoolFunc' ? 1 : 0] ?? '',
    )?.[1];
    if (name === undefined) return undefined;
    node.flags.add(name);
  }
  return node.flags.size > 0 ? node : undefined;
}
