import type { AndOr, Command, CommandArgument, If, Pipeline, Redirection, Statement, SyntaxNode } from 'unbash';
import { library } from '../data/libraries.ts';
import { behindAnd, follows, inside, open, type Ending, type Fate, type Place } from './exit-places.ts';
import { tellsOfFailure } from './failure-handlers.ts';

const shielding = /^(?:export|declare|local|readonly|typeset)$/;

/**
 * The simple commands of a Bash script, those in functions and substitutions among them, and which of them can fail unseen.
 * Source: the Bash manual (The Set Builtin, Lists of Commands, Conditional Constructs), tried with bash 5.2.
 */
export function endingsOf(script: string, strict: { errexit: boolean; pipefail: boolean }): Ending[] {
  const source = script.replaceAll('\r\n', '\n');
  const parsed = library('unbash').parse(source);
  const fault = parsed.errors?.[0]?.pos ?? source.length;
  return new Endings(source, strict).of(parsed.commands.filter((one) => one.end <= fault));
}

/** Does a redirection take the output away? One stream into the other does not. */
const hiddenBy = (redirects: readonly Redirection[]): { hidden: true } | undefined =>
  redirects.some((one) => one.type === 'Redirect' && one.operator.includes('>') && one.operator !== '>&')
    ? { hidden: true }
    : undefined;

class Endings {
  readonly #source: string;
  readonly #found: (Ending & { pos: number })[] = [];
  readonly #functions = new Map<string, readonly Statement[]>();
  readonly #called = new Map<string, Place & { errexit: boolean }>();
  readonly #values = new Map<string, string>();
  #errexit: boolean;
  #pipefail: boolean;
  #trapped: Fate;
  /** `exec >file`: from here on nothing is shown. */
  #silent = false;
  /** Pipelines whose `!` only turns a condition. */
  readonly #turned = new Set<Pipeline>();

  constructor(source: string, { errexit, pipefail }: { errexit: boolean; pipefail: boolean }) {
    this.#source = source;
    this.#errexit = errexit;
    this.#pipefail = pipefail;
  }

  of(statements: readonly Statement[]): Ending[] {
    for (const one of statements) this.#define(one);
    this.#list(statements, open);
    const errexit = this.#errexit;
    const done = new Set<string>();
    // A body may call others: the map grows meanwhile.
    for (const [name, place] of this.#called) {
      this.#errexit = place.errexit;
      done.add(name);
      this.#list(this.#functions.get(name) ?? [], place);
    }
    this.#errexit = errexit;
    for (const [name, body] of this.#functions) if (!done.has(name)) this.#list(body, { ...open, certain: false });
    return this.#found
      .toSorted((a, b) => a.pos - b.pos)
      .map(({ words, line, lost = this.#trapped, asked, certain, hidden }) => ({
        words,
        line,
        asked,
        certain,
        ...(lost !== undefined && { lost }),
        ...(hidden && { hidden }),
      }));
  }

  #define(node: SyntaxNode): void {
    if (node.type === 'Function') {
      const { body } = node;
      const list = body.type === 'Redirected' ? body.command : body;
      this.#functions.set(
        node.name.value,
        list.type === 'BraceGroup' || list.type === 'Subshell'
          ? list.body.commands
          : list.type === 'CompoundList'
            ? list.commands
            : [],
      );
    }
    library('unbash').forEachChild(node, (child) => this.#define(child));
  }

  #list(all: readonly Statement[], place: Place): void {
    const statements = all.filter(({ command }) => command.type !== 'Function');
    for (const [n, { command, background }] of statements.entries()) {
      const next = statements[n + 1];
      const looked =
        next !== undefined && /\$\?|PIPESTATUS|pipestatus/.test(this.#source.slice(command.end, next.end + 1));
      const heard = this.#errexit && !place.deaf;
      const bare = next === undefined ? place.bare : looked ? undefined : heard ? behindAnd : follows;
      const value = heard ? place.exit : next === undefined ? place.value : bare;
      const away = background === true && !this.#waits() ? 'it runs in the background' : undefined;
      this.#node(
        command,
        background === true
          ? { ...place, exit: away, value: away, bare: away, asked: false }
          : { ...place, value, bare },
      );
    }
  }

  /** Does the script wait for a process of its own, and go by what it ended with? */
  #waits(): boolean {
    return /\bwait[ \t]+[^\s;&|][^\n;&|]*(?!\s*\|\|\s*(?:true|:))(?:[\n;]|$|&&|\|\|)/.test(this.#source);
  }

  #node(node: SyntaxNode, place: Place): void {
    switch (node.type) {
      case 'Command':
        return this.#command(node, place);
      case 'AndOr':
        return this.#andOr(node, place);
      case 'Pipeline':
        return this.#pipeline(node, place);
      case 'If':
        return this.#if(node, place);
      case 'While': {
        const tried = 'its failure only turns a loop once more';
        this.#list(node.clause.commands, { ...place, value: tried, bare: tried, deaf: true });
        return this.#turns(node.body.commands, place);
      }
      case 'For':
      case 'ArithmeticFor':
      case 'Select':
        return this.#turns(node.body.commands, place);
      case 'Subshell': {
        const [errexit, pipefail] = [this.#errexit, this.#pipefail];
        this.#list(node.body.commands, { ...place, exit: place.value, bare: place.value });
        [this.#errexit, this.#pipefail] = [errexit, pipefail];
        return;
      }
      case 'BraceGroup':
        return this.#list(node.body.commands, place);
      case 'Case':
        this.#word(node.word, inside);
        for (const { body } of node.items) this.#list(body.commands, { ...place, certain: false });
        return;
      case 'Redirected':
        for (const one of node.redirects) this.#word(one, inside);
        return this.#node(node.command, { ...place, ...hiddenBy(node.redirects) });
      case 'Coproc':
        return this.#node(node.body, {
          ...place,
          value: 'it runs in the background',
          bare: 'it runs in the background',
          deaf: true,
        });
      case 'CompoundList':
        return this.#list(node.commands, place);
      case 'Function':
        return;
      default:
        return this.#word(node, inside);
    }
  }

  #turns(body: readonly Statement[], place: Place): void {
    const last = 'its exit code is lost: only the last turn of a loop decides';
    this.#list(body, { ...place, certain: false, value: place.value ?? last, bare: place.bare ?? last });
  }

  #andOr({ commands, operators, end }: AndOr, place: Place): void {
    for (const [n, command] of commands.entries()) {
      // Of a chain whose exit code is that of the whole, every link ran where that is 0.
      const chained = place.bare === undefined && operators.slice(0, n).every((one) => one === '&&');
      const certain = place.certain && (n === 0 || chained);
      if (n === commands.length - 1) this.#node(command, { ...place, certain });
      else {
        const or = operators.indexOf('||', n);
        const handler = commands[or + 1];
        const fate = or < 0 || !handler ? place.bare : this.#handled(this.#source.slice(handler.pos, end));
        // `cmd && exit 1 || true`: that it fails is what is wanted.
        const good = commands[n + 1];
        const asked =
          operators[n] === '&&' &&
          fate !== undefined &&
          good !== undefined &&
          this.#fails(this.#source.slice(good.pos, good.end));
        this.#node(command, { ...place, value: fate, bare: fate, asked: place.asked || asked, certain, deaf: true });
      }
    }
  }

  /** What becomes of a failure after which this text is run. */
  #handled(text: string): Fate {
    if (this.#fails(text)) return undefined;
    const own = text.trim().replace(/\s+/g, ' ');
    return `its exit code is lost behind \`|| ${own.length > 40 ? `${own.slice(0, 40)}…` : own}\``;
  }

  #fails(text: string): boolean {
    return tellsOfFailure(text, this.#source, (name) => {
      const body = this.#functions.get(name);
      return body && this.#source.slice(body[0]?.pos, body.at(-1)?.end);
    });
  }

  #if(node: If, place: Place): void {
    const text = (from: SyntaxNode | undefined): string => (from ? this.#source.slice(from.pos, node.end) : '');
    const branches = [{ clause: node.clause, then: node.then }, ...node.elif];
    for (const [n, { clause, then }] of branches.entries()) {
      const other = text(branches[n + 1]?.clause ?? node.else);
      const own = this.#source.slice(then.pos, then.end);
      const first = clause.commands.at(-1)?.command;
      const turned = first?.type === 'Pipeline' && first.prefixes.some(({ type }) => type === 'Negation');
      const [failed, passed] = turned ? [own, other] : [other, own];
      const told = this.#fails(failed);
      const fate = told ? undefined : 'its exit code is lost in the condition of `if`';
      const asked = place.asked || (!told && this.#fails(passed));
      if (turned) this.#turned.add(first);
      this.#list(clause.commands, { ...place, value: fate, bare: fate, deaf: true, asked });
      this.#list(then.commands, { ...place, certain: false });
    }
    if (node.else) this.#list(node.else.commands, { ...place, certain: false });
  }

  #pipeline(node: Pipeline, place: Place): void {
    const { commands, prefixes } = node;
    const asked = place.asked || (!this.#turned.has(node) && prefixes.some(({ type }) => type === 'Negation'));
    for (const [n, command] of commands.entries()) {
      const next = commands[n + 1];
      const into = next?.type === 'Command' ? next.name?.value : undefined;
      const lost = `its exit code is lost in the pipe into ${into ?? 'another program'}`;
      const piped = next === undefined || this.#pipefail || /PIPESTATUS|pipestatus/.test(this.#source);
      const away = next === undefined || into === 'tee' || into === 'cat' ? {} : { hidden: true as const };
      this.#node(
        command,
        piped ? { ...place, ...away, asked } : { ...place, ...away, exit: lost, value: lost, bare: lost, asked },
      );
    }
  }

  #command(node: Command, place: Place): void {
    const assigned = node.prefix.flatMap((one) => (one.type === 'Assignment' ? [one] : []));
    const name = node.name && this.#text(node.name);
    const words = [...(node.name ? [node.name] : []), ...node.args].map((one) => this.#text(one));
    // A plain assignment ends as its substitution does.
    const within = name === undefined ? place.value : inside;
    for (const one of [...node.prefix, ...(node.name ? [node.name] : []), ...node.suffix])
      this.#word(one, shielding.test(name ?? '') ? inside : within);
    if (name === undefined) {
      for (const one of assigned)
        if (one.value.type === 'Word' && !/[$`]/.test(one.value.text)) this.#values.set(one.name, one.value.value);
      return;
    }
    if (name === 'set') this.#set(words.slice(1));
    if (name === 'exec' && words.length === 1 && hiddenBy(node.redirects)) this.#silent = true;
    if (name === 'trap' && /^(?:EXIT|0|ERR)$/.test(words.at(-1) ?? '')) this.#trap(words[1] ?? '');
    if (this.#functions.has(name)) {
      const before = this.#called.get(name);
      if (before?.value === undefined) this.#called.set(name, { ...place, errexit: this.#errexit });
    }
    const all = [...assigned.map((one) => one.text), ...words];
    const lost = place.value;
    this.#found.push({
      words: all,
      pos: node.pos,
      line: this.#source.slice(0, node.pos).split('\n').length,
      asked: place.asked,
      certain: place.certain,
      ...(lost !== undefined && { lost }),
      ...((place.hidden ?? this.#silent) && { hidden: true }),
      ...hiddenBy(node.redirects),
    });
    const isShell = /^(?:ba|da|z|k)?sh$/.test(name) && words.slice(1).every((word) => word.startsWith('-'));
    const errexit = words.some((word) => /^-\w*e/.test(word));
    for (const one of isShell ? node.redirects : []) {
      const text = one.type === 'HereDoc' ? one.body.text : one.type === 'HereString' ? one.target?.value : undefined;
      if (text !== undefined) this.#inner(text, { ...place, exit: place.value }, node, errexit);
    }
    if (name === 'eval' && words.length > 1) this.#inner(words.slice(1).join(' '), place, node, this.#errexit);
  }

  /** A script in a word or in a here-document. */
  #inner(text: string, place: Place, at: Command, errexit: boolean): void {
    const line = this.#source.slice(0, at.pos).split('\n').length;
    for (const one of endingsOf(text, { errexit: errexit && !place.deaf, pipefail: this.#pipefail })) {
      const lost = one.lost ?? place.value;
      this.#found.push({
        ...one,
        line,
        pos: at.pos,
        asked: one.asked || place.asked,
        certain: one.certain && place.certain,
        ...(lost !== undefined && { lost }),
      });
    }
  }

  /** The commands in the substitutions of a word, and of what else holds words. */
  #word(node: SyntaxNode, fate: Fate): void {
    if ((node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') && node.script) {
      const lost = node.type === 'ProcessSubstitution' ? inside : fate;
      const before = this.#errexit;
      this.#errexit = false;
      this.#list(node.script.commands, {
        exit: lost,
        value: lost,
        bare: lost,
        deaf: false,
        asked: false,
        certain: false,
      });
      this.#errexit = before;
    } else library('unbash').forEachChild(node, (child) => this.#word(child, fate));
  }

  #set(words: readonly string[]): void {
    for (const [n, word] of words.entries()) {
      const on = word.startsWith('-');
      if (!on && !word.startsWith('+')) continue;
      const option = word.endsWith('o') ? words[n + 1] : undefined;
      if (/^.[a-zA-Z]*e/.test(word) || option === 'errexit') this.#errexit = on;
      if (option === 'pipefail') this.#pipefail = on;
    }
  }

  #trap(action: string): void {
    const body = this.#functions.get(action.trim());
    const text = body ? this.#source.slice(body[0]?.pos, body.at(-1)?.end) : action;
    if (/\bexit\s+0\b/.test(text)) this.#trapped = 'a trap ends the script with exit code 0';
  }

  /** The value of a word, with the variables that were given a plain text before. */
  #text(node: CommandArgument): string {
    const text = node.type === 'Word' ? node.value : node.text;
    return text
      .replaceAll(/\$\((?:command -v|which) ([\w.-]+)\)/g, '$1')
      .replace(
        /\$(?:(\w+)|\{(\w+)(?::?-([^}$]*))?\})/g,
        (whole, plain: string | undefined, braced: string | undefined, otherwise: string | undefined) =>
          this.#values.get(plain ?? braced ?? '') ?? otherwise ?? whole,
      );
  }
}
