import { readPromQl } from '../../promql/read.ts';
import { standIn } from '../../promql/tree.ts';
import { refusal } from '../../promql/types.ts';

/** Why Prometheus refuses a query whose variables are replaced. */
export function queryFault(text: string): string | undefined {
  const { errorAt } = readPromQl(text);
  if (errorAt === undefined) return refusal(text);
  return `the query does not parse near "${text.slice(Math.max(0, errorAt - 10), errorAt + 20).replaceAll(standIn, '…')}"`;
}

/** How queries in SQL, Flux and LogQL look. */
export const otherLanguage =
  /^\s*(?:select|show|from|with)\b|\}\s*(?:\|[=~]|!=|!~)\s*["`]|\|=|\|~|\| *(?:json|logfmt|line_format|pattern|unwrap)\b/i;
