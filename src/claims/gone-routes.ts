import { imagesOf } from './origins.ts';
import { doubt, wrong, type Claim, type Reading } from './reading.ts';

/** Alertmanager has had `/api/v2/` since 0.16; 0.27 answers `/api/v1/` with 410 Gone. Source: its changelog. */
const gone = /(?::9093|\balertmanager[\w.-]*(?::\d+)?)(?:\/[\w-]+)*?\/api\/v1\/(alerts|silences?|status|receivers)\b/i;

/** Is a tag of 0.27 or later? `latest` is. */
function isLater(tag: string): boolean {
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(tag) ?? [];
  return tag === 'latest' || tag === 'main' || Number(major) > 0 || Number(minor) >= 27;
}

/** Requests to an interface that the program which the repository deploys has no more. */
export async function goneRouteClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const lines = [
    ...parsed.prose.map((text, n) => ({ text, line: n + 1 })),
    ...parsed.fences.flatMap((fence) => fence.text.split('\n').map((text, n) => ({ text, line: fence.line + n }))),
  ];
  const found = lines.flatMap(({ text, line }) => {
    const [, what] = gone.exec(text) ?? [];
    return what === undefined ? [] : [{ line, what }];
  });
  if (found.length === 0) return [];
  const tags = [...((await imagesOf(sources)).get('alertmanager') ?? [])];
  if (tags.length === 0 || !tags.every(isLater)) return [];
  const named = tags.filter((tag) => /^v?\d/.test(tag));
  return found.map(({ line, what }) => ({
    kind: 'command',
    line,
    text: `/api/v1/${what}`,
    ...(named.length > 0 ? wrong : doubt)(
      `alertmanager:${tags.join(', ')} has no such interface: 0.27 took /api/v1 out`,
      `write /api/v2/${what}`,
    ),
    cause: 'version 1 of Alertmanager’s interface',
    more: ', and {n} more requests to it',
  }));
}
