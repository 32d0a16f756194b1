import { library } from '../../data/libraries.ts';

/**
 * What stands where a LogQL query does not parse; undefined where it does.
 * Source of the grammar: the lezer grammar that Grafana's Loki query editor uses.
 */
export function logQlError(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  let at: number | undefined;
  library('@grafana/lezer-logql')
    .parser.parse(text)
    .iterate({
      enter(node) {
        if (at === undefined && node.type.isError) at = node.from;
      },
    });
  return at === undefined ? undefined : text.slice(Math.max(0, at - 10), at + 20);
}
