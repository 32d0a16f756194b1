import { between, longFlags, newNode, partsOf, quoted, type CommandNode } from './node.ts';

/** The commands that a Python module gives argparse, click or typer; undefined where it does not show all of them. */
export function pythonCommand(text: string): CommandNode | undefined {
  const source = text.replace(/^\s*#.*$/gm, '');
  if (/argparse\.ArgumentParser\(|\bArgumentParser\(/.test(source)) return ofArgparse(source);
  if (/\btyper\.Typer\(|\bTyper\(/.test(source)) return ofTyper(source);
  return /@(?:click\.)?(?:group|command)\(/.test(source) ? ofClick(source) : undefined;
}

function ofArgparse(source: string): CommandNode | undefined {
  const nodes = new Map<string, CommandNode>();
  /** What add_subparsers gave → the node that it is of. */
  const adders = new Map<string, CommandNode>();
  let root: CommandNode | undefined;
  for (const match of source.matchAll(
    /(?:(\w+)\s*=\s*)?([\w.]+)\.?(ArgumentParser|add_subparsers|add_parser|add_argument_group|add_mutually_exclusive_group|add_argument|parse_known_args)\(/g,
  )) {
    const [whole, to = '', receiver = '', method = ''] = match;
    const args = between(source, match.index + whole.length - 1);
    const from = receiver.replace(/\.$/, '');
    if (/parents\s*=|parse_known_args|REMAINDER|\*\*|\*[a-z]/.test(method + args)) return undefined;
    if (method === 'ArgumentParser') {
      if (root) return undefined;
      root = newNode();
      if (to === '') return undefined;
      nodes.set(to, root);
      continue;
    }
    if (method === 'add_parser') {
      const above = adders.get(from);
      const name = quoted(partsOf(args)[0]);
      if (!above || name === undefined) return undefined;
      const node = newNode();
      above.subcommands.set(name, node);
      for (const [, alias = ''] of (/aliases\s*=\s*[[(]([^\])]*)/.exec(args)?.[1] ?? '').matchAll(
        /["'](\w[\w-]*)["']/g,
      ))
        above.subcommands.set(alias, node);
      if (to !== '') nodes.set(to, node);
      continue;
    }
    const own = nodes.get(from);
    if (!own) return undefined;
    if (method === 'add_subparsers') adders.set(to, own);
    else if (method === 'add_argument') for (const flag of longFlags(args)) own.flags.add(flag);
    else if (to !== '') nodes.set(to, own);
  }
  // A parser that a function is handed gets what is not seen here.
  return root && !/\(\s*(?:parser|subparsers?|sub)\s*[,)]/.test(source.replace(/def \w+\([^)]*\)/g, ''))
    ? root
    : undefined;
}

interface Function {
  name: string;
  decorators: string[];
  parameters: string;
}

function functionsOf(source: string): Function[] {
  return [...source.matchAll(/((?:^[ \t]*@[\s\S]*?\n)+)[ \t]*(?:async\s+)?def\s+(\w+)\s*\(/gm)].map((match) => ({
    name: match[2] ?? '',
    decorators: (match[1] ?? '').split(/^[ \t]*@/m).filter((one) => one.trim() !== ''),
    parameters: between(source, match.index + match[0].length - 1),
  }));
}

const kebab = (name: string): string => name.replace(/_+$/, '').replaceAll('_', '-').toLowerCase();

function ofClick(source: string): CommandNode | undefined {
  const nodes = new Map<string, CommandNode>();
  const below = new Set<string>();
  let any = false;
  for (const { name, decorators } of functionsOf(source)) {
    const made = decorators.findIndex((one) => /^(?:[\w.]+\.)?(?:group|command)\(/.test(one));
    if (made < 0) continue;
    any = true;
    const node = newNode();
    for (const [n, decorator] of decorators.entries()) {
      if (n === made) continue;
      if (/^(?:click\.)?(?:option|version_option|password_option|confirmation_option|help_option)\(/.test(decorator))
        for (const flag of [
          ...longFlags(decorator),
          ...[...decorator.matchAll(/\/--([a-z][\w-]*)/g)].map(([, one = '']) => one),
        ])
          node.flags.add(flag);
      else if (!/^(?:click\.)?(?:argument|pass_context|pass_obj|make_pass)|^functools|^staticmethod/.test(decorator))
        node.open = true;
    }
    nodes.set(name, node);
    const [, receiver = '', kind = ''] = /^(?:([\w.]+)\.)?(group|command)\(/.exec(decorators[made] ?? '') ?? [];
    const args = between(decorators[made] ?? '', (decorators[made] ?? '').indexOf('('));
    if (/cls\s*=|ignore_unknown|allow_extra/.test(args)) node.open = true;
    if (receiver === '' || receiver === 'click') continue;
    const above = nodes.get(receiver);
    if (!above) return undefined;
    const given = quoted(partsOf(args)[0]) ?? quoted(/\bname\s*=\s*(["'][^"']*["'])/.exec(args)?.[1]);
    // Newer releases take such endings off.
    above.subcommands.set(given ?? kebab(name), node);
    if (given === undefined) above.subcommands.set(kebab(name.replace(/_(?:command|cmd|group|grp)$/, '')), node);
    below.add(name);
    if (kind === 'group') nodes.set(name, node);
  }
  for (const [, above = '', name = ''] of source.matchAll(/(\w+)\.add_command\(\s*(\w+)/g)) {
    const [to, node] = [nodes.get(above), nodes.get(name)];
    if (!to || !node) return undefined;
    to.subcommands.set(kebab(name.replace(/_(?:command|cmd)$/, '')), node);
    to.subcommands.set(kebab(name), node);
    below.add(name);
  }
  const roots = [...nodes].filter(([name]) => !below.has(name));
  return any && roots.length === 1 ? roots[0]?.[1] : undefined;
}

function ofTyper(source: string): CommandNode | undefined {
  // Commands that a decorator of its own makes are not seen here.
  if (/(?<!@)\b\w+\.command\([^)]*\)\(/.test(source)) return undefined;
  const nodes = new Map<string, CommandNode>();
  const below = new Map<string, [above: string, name: string | undefined]>();
  for (const [, name = ''] of source.matchAll(/^(\w+)\s*(?::\s*[\w.]+\s*)?=\s*(?:typer\.)?Typer\(/gm))
    nodes.set(name, newNode());
  for (const [, above = '', name = '', rest = ''] of source.matchAll(/(\w+)\.add_typer\(\s*([\w.]+)([^)]*)\)/g)) {
    if (!nodes.has(above) || !nodes.has(name)) return undefined;
    below.set(name, [above, quoted(/\bname\s*=\s*(["'][^"']*["'])/.exec(rest)?.[1])]);
  }
  /** Types that several commands share: `Verbose = Annotated[bool, typer.Option("--verbose")]`. */
  const aliases = new Map<string, string>();
  for (const match of source.matchAll(/^(\w+)\s*(?::\s*[\w.]+\s*)?=\s*((?:typing\.|t\.)?Annotated)\[/gm))
    aliases.set(match[1] ?? '', `${match[2]}[${between(source, match.index + match[0].length - 1)}]`);
  const commands = new Map<CommandNode, CommandNode[]>();
  const callbacks = new Set<CommandNode>();
  for (const { name, decorators, parameters } of functionsOf(source)) {
    for (const decorator of decorators) {
      const [, app = '', kind = ''] = /^(\w+)\.(command|callback)\(/.exec(decorator) ?? [];
      const above = nodes.get(app);
      if (!above) continue;
      const args = between(decorator, decorator.indexOf('('));
      const node = kind === 'callback' ? above : newNode();
      if (/context_settings|cls\s*=/.test(args)) node.open = true;
      for (const part of partsOf(parameters)) {
        const type = /^\s*\w+\s*:\s*([A-Z_]\w*)\s*(?:=|$)/.exec(part)?.[1] ?? '';
        // A type of another module may bring flags of its own.
        if (
          type !== '' &&
          !aliases.has(type) &&
          new RegExp(`import[^\\n]*\\b${type}\\b|^ +${type},?$`, 'm').test(source) &&
          type !== 'Path'
        )
          node.open = true;
        addParameter(node, part.replace(type === '' ? /^$/ : type, aliases.get(type) ?? type));
      }
      if (kind === 'callback') callbacks.add(above);
      else {
        above.subcommands.set(
          quoted(partsOf(args)[0]) ?? quoted(/\bname\s*=\s*(["'][^"']*["'])/.exec(args)?.[1]) ?? kebab(name),
          node,
        );
        commands.set(above, [...(commands.get(above) ?? []), node]);
      }
    }
  }
  for (const [name, [above, as]] of below) {
    const [to, node] = [nodes.get(above), nodes.get(name)];
    if (!to || !node || as === undefined) return undefined;
    to.subcommands.set(as, node);
  }
  const roots = [...nodes].filter(([name]) => !below.has(name));
  const root = roots[0]?.[1];
  if (!root || roots.length !== 1) return undefined;
  const [only, second] = commands.get(root) ?? [];
  // One command alone is the program itself.
  return only && !second && root.subcommands.size === 1 && !callbacks.has(root) ? only : root;
}

function addParameter(node: CommandNode, part: string): void {
  const [, name = '', type = ''] = /^(\w+)\s*:?\s*([\s\S]*?)(?:=[\s\S]*)?$/.exec(part) ?? [];
  const explicit = longFlags(part);
  const isOption = /=\s*(?!\s*(?:typer\.)?Argument\()/.test(part.replace(/\([^()]*\)/g, '()')) || /Option\(/.test(part);
  if (/^\*|Context/.test(part) || /Argument\(/.test(part) || !isOption) return;
  for (const flag of explicit) node.flags.add(flag);
  for (const [, off = ''] of part.matchAll(/\/\s*--([a-z][\w-]*)/g)) node.flags.add(off);
  if (explicit.length > 0) return;
  node.flags.add(kebab(name));
  if (/bool/.test(type)) node.flags.add(`no-${kebab(name)}`);
}
