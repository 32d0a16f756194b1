import { between, longFlags, newNode, partsOf, quoted, spread, type CommandNode } from './node.ts';

/** The commands that a JavaScript file gives commander or yargs; undefined where it does not show all of them. */
export function javascriptCommand(text: string): CommandNode | undefined {
  const source = text.replace(/^\s*\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
  if (/["']commander["']/.test(source)) return ofCommander(source);
  return /["']yargs["']/.test(source) && /\.strict\(\)/.test(source) ? ofYargs(source) : undefined;
}

interface Step {
  method: string;
  args: string;
}

/** `.a(…).b(…)` from a place on. */
function chainAt(source: string, at: number): { steps: Step[]; end: number } {
  const steps: Step[] = [];
  let end = at;
  for (;;) {
    const match = /^\s*\.\s*(\w+)\s*\(/.exec(source.slice(end, end + 200));
    if (!match) return { steps, end };
    const open = end + match[0].length - 1;
    const args = between(source, open);
    steps.push({ method: match[1] ?? '', args });
    end = open + args.length + 2;
  }
}

function ofCommander(source: string): CommandNode | undefined {
  const nodes = new Map<string, CommandNode>();
  let root: CommandNode | undefined;
  const begun =
    /(?:\b(?:const|let|var)\s+(\w+)\s*=\s*)?(?:new\s+(?:\w+\.)?Command\(([^)]*)\)|(?<![\w.])(\w+)(?=\s*\.\s*(?:command|option|requiredOption|name|version|description|addCommand|arguments?|usage|alias|action)\s*\())/g;
  if (
    /import\s*\{[^}]*\bprogram\b[^}]*\}\s*from\s*["']commander["']|\{\s*program\s*[,}][^=]*=\s*require\(["']commander/.test(
      source,
    )
  )
    nodes.set('program', (root = newNode()));
  for (const match of source.matchAll(begun)) {
    const [whole, to, fresh, receiver] = match;
    const at = match.index + whole.length;
    let node: CommandNode | undefined;
    if (fresh !== undefined) {
      node = newNode();
      // One that is named is a command of another.
      if (quoted(fresh) !== undefined || root) return undefined;
      root = node;
    } else node = nodes.get(receiver ?? '');
    if (!node) {
      if (receiver !== undefined && /program|cmd|command|cli/i.test(receiver)) return undefined;
      continue;
    }
    let current = node;
    for (const { method, args } of chainAt(source, at).steps) {
      const parts = partsOf(args);
      if (/^(?:allowUnknownOption|passThroughOptions|addCommand|executableDir|storeOptions)\w*$/.test(method))
        return undefined;
      if (method === 'command') {
        const name = /^[\w:-]+/.exec(quoted(parts[0]) ?? '')?.[0];
        if (name === undefined || parts.length > 1) return undefined;
        const below = current.subcommands.get(name) ?? newNode();
        current.subcommands.set(name, below);
        current = below;
      } else if (/^(?:option|requiredOption)$/.test(method))
        for (const flag of flagsIn(parts[0] ?? '')) current.flags.add(flag);
      else if (method === 'addOption') for (const flag of flagsIn(args)) current.flags.add(flag);
      else if (/^alias(?:es)?$/.test(method)) {
        const above = [...nodes.values(), ...(root ? [root] : [])].find((one) =>
          [...one.subcommands.values()].includes(current),
        );
        for (const [, name = ''] of args.matchAll(/["']([\w-]+)["']/g)) above?.subcommands.set(name, current);
      }
    }
    if (to !== undefined) nodes.set(to, current);
  }
  return root && (root.subcommands.size > 0 || root.flags.size > 0) ? root : undefined;
}

const flagsIn = (text: string): string[] => longFlags(text.replace(/^([^"'`]*["'`])(-\w)[,\s|]+/, '$1'));

function ofYargs(source: string): CommandNode | undefined {
  const start = /\byargs\s*\((?:[^()]|\([^()]*\))*\)|\byargs(?=\s*\.)/.exec(
    source.replace(/import[^\n]*\n/g, (line) => ' '.repeat(line.length)),
  );
  return start ? read(chainAt(source, start.index + start[0].length).steps) : undefined;
}

function read(steps: readonly Step[]): CommandNode | undefined {
  const node = newNode();
  for (const { method, args } of steps) {
    const parts = partsOf(args);
    if (/^(?:commandDir|parserConfiguration|config|env|pkgConf)$/.test(method)) return undefined;
    if (method === 'option' || method === 'options') {
      const name = quoted(parts[0]);
      if (name === undefined) return undefined;
      node.flags.add(name);
      for (const [, alias = ''] of (/\balias\s*:\s*(\[[^\]]*\]|["'][^"']*["'])/.exec(args)?.[1] ?? '').matchAll(
        /["']([\w-]+)["']/g,
      ))
        node.flags.add(alias);
    } else if (method === 'command') {
      const name = /^[\w:$-]+/.exec(quoted(parts[0]) ?? '')?.[0];
      if (name === undefined) return undefined;
      const builder = parts[2] ?? '';
      const parameter = /^\(?\s*(\w+)\s*\)?\s*=>/.exec(builder)?.[1];
      let below: CommandNode | undefined = newNode();
      if (builder.startsWith('{'))
        for (const part of partsOf(between(builder, 0))) below.flags.add(/^["']?([\w-]+)/.exec(part)?.[1] ?? '');
      else if (parameter !== undefined) {
        const at = builder.indexOf(parameter, builder.indexOf('=>')) + parameter.length;
        below = read(chainAt(builder, at).steps);
      } else if (builder !== '') below.open = true;
      if (!below) return undefined;
      if (name === '$0') for (const flag of below.flags) node.flags.add(flag);
      else node.subcommands.set(name, below);
    }
  }
  spread(node, node.flags);
  return node;
}
