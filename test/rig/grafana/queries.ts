import { prometheusAnswer, recordedFrame, sent, testData, type Answer, type Target } from './data.ts';
import { allPanels, sourcesOf, wait, type Double, type DoubleOptions } from './options.ts';

/** The id of the panel that a query stands in; the double's faults are by panel. */
function panelOf(options: DoubleOptions, expr: string): number | undefined {
  const plain = (text: string): string => text.replace(/\$\w+|\(?[a-z](?:\|[a-z])+\)?|\.\*/g, '');
  for (const board of options.boards)
    for (const panel of [...allPanels(board), ...Object.values(options.library ?? {})])
      if (panel.targets?.some((target) => plain(target.expr ?? '') === plain(expr))) return panel.id;
  return undefined;
}

interface Asked {
  from: string;
  to: string;
  queries: (Target & { datasource: { uid: string } })[];
}

export async function query(own: Double, options: DoubleOptions, body: string): Promise<[number, unknown]> {
  const { faults } = own;
  if (faults.queries500 === true) return [500, { message: 'Query data error' }];
  if (faults.slowQueries !== undefined) await wait(faults.slowQueries);
  const { queries, from, to } = JSON.parse(body) as Asked;
  if (queries.length === 0)
    return [400, { message: 'No queries found', messageId: 'query.noQueries', statusCode: 400 }];
  const answers = new Map<string, Answer>();
  for (const one of queries) {
    const id = panelOf(options, one.expr ?? '');
    const answer = await answerOf(own, options, one, { from: Number(from), to: Number(to) }, answers, false);
    if (answer.refused) return [answer.refused.status, answer.refused.body];
    if (id !== undefined && id === faults.panelError)
      answers.set(one.refId, { frames: [], error: 'parse error: unexpected end of input' });
    else if (id !== undefined && id === faults.noData) answers.set(one.refId, { frames: [] });
    else if (id !== undefined && id === faults.allNaN)
      answers.set(one.refId, { frames: [recordedFrame([null, null])] });
    else answers.set(one.refId, answer);
  }
  const results = [...answers]
    .filter(([, { silent }]) => silent !== true)
    .map(([refId, { error, frames }]) =>
      error === undefined
        ? [refId, { status: 200, frames: frames.map(sent) }]
        : [refId, { error, status: 500, frames: [] }],
    );
  const bad = [...answers.values()].some(({ error }) => error !== undefined);
  return [bad ? 400 : 200, { results: Object.fromEntries(results) as unknown }];
}

/** One query's answer, as the server gives it, or as the page gets it. */
export async function answerOf(
  own: Double,
  options: DoubleOptions,
  target: Target,
  range: { from: number; to: number },
  before: ReadonlyMap<string, Answer>,
  page: boolean,
): Promise<Answer> {
  const ref = typeof target.datasource === 'string' ? { uid: target.datasource } : (target.datasource ?? {});
  if (ref.uid === '__expr__') {
    const input = /\$?(\w+)/.exec(target.expression ?? '')?.[1] ?? '';
    return before.get(input) ?? { frames: [], refused: { status: 500, body: { message: 'Query data error' } } };
  }
  const { uid = '' } = ref;
  const source = sourcesOf(own, options).find(
    (one) => uid === one.uid || uid === one.name || ['', 'default'].includes(uid),
  );
  if (!source) return { frames: [], refused: { status: 404, body: { message: 'Data source not found' } } };
  if (source.uid === 'dead')
    return {
      frames: [],
      refused: {
        status: 500,
        body: { message: 'An error occurred within the plugin', messageId: 'plugin.downstreamError', statusCode: 500 },
      },
    };
  if (source.type === 'testdata') return testData(target, page);
  if (options.prometheus === undefined) return { frames: [recordedFrame()] };
  return prometheusAnswer(options.prometheus, target, range);
}
