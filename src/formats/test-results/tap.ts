import { emptyResults, isBad, placeIn, type TestCase, type TestResults } from './results.ts';

interface Level {
  indent: number;
  plan?: number;
  count: number;
  numbers: Set<string>;
  /** Tests that a deeper level told, of which the next line at this one is the sum. */
  inner: TestCase[];
  title: string;
}

/**
 * The Test Anything Protocol, versions 12 to 14: plans, directives, YAML blocks, subtests by four spaces. A line that sums up
 * subtests is no test of its own. A plan that is missing or not kept is a contradiction.
 * Source: testanything.org; node's and tap's own output.
 */
export function readTap(lines: readonly string[]): TestResults {
  const reader = new Reader();
  for (const line of lines) reader.read(line);
  return reader.done();
}

class Reader {
  readonly #results = emptyResults('TAP');
  readonly #stack: Level[] = [{ indent: 0, count: 0, numbers: new Set(), inner: [], title: '' }];
  readonly #titles = new Map<number, string>();
  /** The test that comments and a YAML block behind it speak of. */
  #last: TestCase | undefined;
  /** The lines of the YAML block that is open. */
  #block: string[] | undefined;

  read(line: string): void {
    const text = line.trimStart();
    const indent = line.length - text.length;
    const last = this.#last;
    if (this.#block) {
      if (text !== '...') return void this.#block.push(line);
      const detail = this.#block.join('\n');
      if (last && isBad(last)) Object.assign(last, { detail, ...said(detail) });
      this.#block = undefined;
      return;
    }
    if (text === '---') return void (this.#block = []);
    const subtest = /^# Subtest: (.+)$/.exec(text);
    if (subtest?.[1] !== undefined) this.#titles.set(indent, subtest[1]);
    if (text.startsWith('Bail out!')) this.#results.broken.push({ what: text });
    const plan = /^1\.\.(\d+)(?:\s*#\s*(.*))?$/.exec(text);
    const test = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-?\s*(.*))?$/.exec(text);
    if (plan) this.#plan(this.#levelAt(indent), Number(plan[1]));
    else if (test) this.#test(this.#levelAt(indent), test);
    // What bats and prove say of a failure stands in comments behind it.
    else if (last && isBad(last) && text.startsWith('#') && !subtest) told(last, text.slice(1).trim());
  }

  /** Ends the levels that are deeper, and begins this one where it is new. */
  #levelAt(indent: number): Level {
    let level = this.#stack.at(-1);
    for (; level && this.#stack.length > 1 && level.indent > indent; level = this.#stack.at(-1)) {
      this.#stack.pop();
      this.#close(level);
    }
    if (level && level.indent >= indent) return level;
    const title = this.#titles.get(indent - 4) ?? this.#titles.get(indent) ?? 'a subtest';
    const made: Level = { indent, count: 0, numbers: new Set(), inner: [], title };
    this.#stack.push(made);
    return made;
  }

  #close({ plan, count, title }: Level): void {
    if (plan !== undefined && plan !== count)
      this.#results.contradictions.push(
        `${title === '' ? 'the plan' : title} promises ${plan} tests, and ${count} were told`,
      );
  }

  #plan(level: Level, plan: number): void {
    if (level.plan !== undefined && level.plan !== plan)
      this.#results.contradictions.push(`it has two plans: 1..${level.plan} and 1..${plan}`);
    level.plan = plan;
  }

  #test(level: Level, [, not, number, words = '']: RegExpExecArray): void {
    level.count++;
    if (number !== undefined && level.numbers.has(number))
      this.#results.contradictions.push(`test ${number} stands twice${level.title === '' ? '' : ` in ${level.title}`}`);
    if (number !== undefined) level.numbers.add(number);
    const directive = /(?:^|\s)#\s*(SKIP|TODO)\b\S*\s*(.*)$/i.exec(words);
    const state: TestCase['state'] = directive ? 'skipped' : not === undefined ? 'passed' : 'failed';
    const { inner } = level;
    const outer = this.#stack.at(-2);
    level.inner = [];
    if (inner.length > 0 && !(state === 'failed' && !inner.some(isBad))) {
      outer?.inner.push(...inner);
      this.#last = undefined;
      return;
    }
    const titles = this.#stack.slice(1).map((one) => one.title);
    this.#last = {
      suite: titles.filter((one) => one !== '').join(' › '),
      name: words.replace(/\s*(?<!\\)#.*$/, '').trim() || `test ${level.count}`,
      state,
      ...(directive?.[2] && { message: directive[2] }),
    };
    this.#results.cases.push(this.#last);
    outer?.inner.push(this.#last, ...inner);
  }

  done(): TestResults {
    for (const level of this.#stack) this.#close(level);
    if (this.#stack[0]?.plan === undefined && !this.#results.broken.some((one) => one.what.startsWith('Bail out!')))
      this.#results.contradictions.push('it has no plan (1..N), so that a cut output cannot be told from a whole one');
    return this.#results;
  }
}

function told(test: TestCase, text: string): void {
  test.detail = test.detail === undefined ? text : `${test.detail}\n${text}`;
  test.message ??= text;
  if (test.line === undefined) Object.assign(test, placeIn(text));
}

/** Message and place of a YAML block: `location: '/a/b.js:3:4'`, `at: …`, `error: …`. */
function said(block: string): { message?: string; file?: string; line?: number } {
  const value = (key: string): string | undefined =>
    new RegExp(`^\\s*${key}:\\s*(.+)$`, 'm').exec(block)?.[1]?.replace(/^['"]|['"]$/g, '');
  const file = value('file') ?? value('fileName');
  const line = Number(value('line') ?? value('lineNumber'));
  const message = value('error') ?? value('message');
  const place = file !== undefined && line > 0 ? { file, line } : placeIn(value('location') ?? value('at') ?? block);
  return { ...(message !== undefined && message !== '|-' && { message }), ...place };
}
