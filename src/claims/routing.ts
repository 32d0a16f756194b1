import { alertmanagerFile, type AlertmanagerFile } from '../formats/alertmanager/config.ts';
import { routesFor } from '../formats/alertmanager/routing.ts';
import { doubt, holds } from '../formats/documents/verdict.ts';
import type { Claim } from './claim.ts';
import { once } from './once.ts';
import type { Reading } from './reading.ts';
import { ruleFiles } from './rule-texts.ts';
import { isAdvice, spokenLines } from './spoken.ts';

const said =
  /\b(critical|warning|info|page|high|low)(?:[- ]severity)? alerts? (?:go(?:es)?|(?:are|is) (?:sent|routed|delivered|forwarded)|page|notify)(?: (?:to|via|through|by))? (?:the |our )?(pager ?duty|slack|opsgenie|e-?mail|telegram|discord|(?:ms |microsoft )?teams|victorops|pushover)\b/gi;

/** The configurations of Alertmanager, by path. */
const configs = once(async (sources): Promise<[string, AlertmanagerFile][]> =>
  [...(await sources.matching(/\.ya?ml$/))]
    .filter(([, text]) => /^route\s*:/m.test(text) && /^receivers\s*:/m.test(text))
    .map(([path, text]): [string, AlertmanagerFile] => [path, alertmanagerFile(text)]),
);

/** "Critical alerts go to PagerDuty": is that where the routes lead, of the one configuration that there is? */
export async function routingClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { line, text } of spokenLines(parsed))
    for (const { 0: all, 1: severity = '', 2: kind = '', index } of text.matchAll(said)) {
      const [own, other] = await configs(sources);
      const config = own?.[1].config;
      if (!own || other || !config || isAdvice(text, index)) continue;
      const wanted = kind
        .toLowerCase()
        .replace(/[- ]/g, '')
        .replace(/^(?:ms|microsoft)?teams$/, 'msteams');
      const rules = (await ruleFiles(sources)).flatMap(([, file]) => file.groups.flatMap((group) => group.rules));
      const alerts = rules
        .filter((rule) => rule.kind === 'alert' && rule.labels['severity'] === severity.toLowerCase())
        .map((rule) => ({ ...rule.labels, alertname: rule.name }));
      // What the rules do not set, the series may.
      const tried = [{ severity: severity.toLowerCase() }, ...alerts];
      const reached = [
        ...new Set(tried.flatMap((labels) => routesFor(config.tree, labels).map((one) => one.receiver))),
      ];
      const kinds = reached.flatMap((name) => own[1].kinds.get(name) ?? []);
      // A webhook may hand on to anything.
      if (kinds.includes('webhook')) continue;
      claims.push({
        kind: 'value',
        line,
        text: all,
        ...(kinds.some((one) => one === wanted || (wanted === 'msteams' && one.startsWith('msteams')))
          ? holds(`${own[0]} routes them so`)
          : doubt(
              `${own[0]} routes severity ${severity.toLowerCase()} to ${reached.join(', ')} (${kinds.join(', ') || 'no integration'})`,
              'correct the sentence, or the routes',
            )),
      });
    }
  return claims;
}
