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
  const results = emptyResults('TAP');
  const stack: Level[] = [{ indent: 0, count: 0, numbers: new Set(), inner: [], title: '' }];
  const titles = new Map<number, string>();
  let last: TestCase | undefined;
  let block: string[] | undefined;
  const close = (level: Level): void => {
    if (level.plan !== undefined && level.plan !== level.count)
      results.contradictions.push(
        `${level.title === '' ? 'the plan' : level.title} promises ${level.plan} tests, and ${level.count} were told`,
      );
  };
  for (const line of lines) {
    const text = line.trimStart();
    const indent = line.length - text.length;
    if (block) {
      if (text === '...') {
        const detail = block.join('\n');
        if (last && isBad(last)) Object.assign(last, { detail, ...said(detail) });
        block = undefined;
      } else block.push(line);
      continue;
    }
    if (text === '---') {
      block = [];
      continue;
    }
    const subtest = /^# Subtest: (.+)$/.exec(text);
    if (subtest?.[1] !== undefined) titles.set(indent, subtest[1]);
    if (text.startsWith('Bail out!')) results.broken.push({ what: text });
    const plan = /^1\.\.(\d+)(?:\s*#\s*(.*))?$/.exec(text);
    const test = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-?\s*(.*))?$/.exec(text);
    if (!plan && !test) {
      // What bats and prove say of a failure stands in comments behind it.
      if (last && isBad(last) && text.startsWith('#') && !subtest) told(last, text.slice(1).trim());
      continue;
    }
    while (stack.length > 1 && (stack.at(-1)?.indent ?? 0) > indent) {
      const ended = stack.pop();
      if (ended) close(ended);
    }
    if ((stack.at(-1)?.indent ?? 0) < indent)
      stack.push({
        indent,
        count: 0,
        numbers: new Set(),
        inner: [],
        title: titles.get(indent - 4) ?? titles.get(indent) ?? 'a subtest',
      });
    const level = stack.at(-1);
    if (!level) continue;
    if (plan) {
      level.plan = Number(plan[1]);
      continue;
    }
    level.count++;
    const [, not, number, words = ''] = test ?? [];
    if (number !== undefined && level.numbers.has(number))
      results.contradictions.push(`test ${number} stands twice${level.title === '' ? '' : ` in ${level.title}`}`);
    if (number !== undefined) level.numbers.add(number);
    const directive = /(?:^|\s)#\s*(SKIP|TODO)\b\S*\s*(.*)$/i.exec(words);
    const state: TestCase['state'] = directive ? 'skipped' : not === undefined ? 'passed' : 'failed';
    const { inner } = level;
    level.inner = [];
    if (inner.length > 0 && !(state === 'failed' && !inner.some(isBad))) {
      stack.at(-2)?.inner.push(...inner);
      last = undefined;
      continue;
    }
    last = {
      suite: stack
        .slice(1)
        .map((one) => one.title)
        .filter((one) => one !== '')
        .join(' › '),
      name: words.replace(/\s*(?<!\\)#.*$/, '').trim() || `test ${level.count}`,
      state,
      ...(directive?.[2] && { message: directive[2] }),
    };
    results.cases.push(last);
    stack.at(-2)?.inner.push(last, ...inner);
  }
  for (const level of stack) close(level);
  if (stack[0]?.plan === undefined && !results.broken.some((one) => one.what.startsWith('Bail out!')))
    results.contradictions.push('it has no plan (1..N), so that a cut output cannot be told from a whole one');
  return results;
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
