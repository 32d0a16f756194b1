import { alertmanagerFile, type AlertmanagerFile } from '../formats/alertmanager/config.ts';
import { routesFor } from '../formats/alertmanager/routing.ts';
import { doubt, holds, isAdvice, once, spokenLines, type Claim, type Reading } from './reading.ts';
import { ruleFiles } from './rule-texts.ts';

const level = '(critical|warning|info|page|high|low)';
const kind = String.raw`(?:pager ?duty|slack|opsgenie|e-?mail|telegram|discord|(?:ms |microsoft )?teams|victorops|pushover)`;
const inSentence = new RegExp(
  String.raw`\b${level}(?:[- ]severity)? alerts? (?:go(?:es)?|(?:are|is) (?:sent|routed|delivered|forwarded)|page|notify)(?: (?:to|via|through|by))? (?:the |our )?(${kind})\b`,
  'gi',
);
/** `- Critical → Slack + PagerDuty` */
const inList = new RegExp(
  String.raw`^\s*[-*+]\s+\W*${level}(?:[- ]severity)?(?: alerts?)?\W{0,4}\s*(?:→|[-=]>|⇒)\s*(?:#?[\w-]+ (?:via|on) )?(${kind}(?:\s*(?:[+,&/]|and)\s*${kind})*)\b`,
  'gi',
);

/** Where a line says that alerts of a severity go. */
const sayings = (text: string): { all: string; severity: string; kinds: string[]; index: number }[] =>
  [...text.matchAll(inSentence), ...text.matchAll(inList)].map(
    ({ 0: all, 1: severity = '', 2: kinds = '', index }) => ({
      all: all.replace(/^\s*[-*+]\s+/, ''),
      severity: severity.toLowerCase(),
      kinds: [...kinds.toLowerCase().matchAll(new RegExp(kind, 'g'))].map(([one]) =>
        one.replace(/[- ]/g, '').replace(/^(?:ms|microsoft)?teams$/, 'msteams'),
      ),
      index,
    }),
  );

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
    for (const { all, severity, kinds: wanted, index } of sayings(text)) {
      const [own, other] = await configs(sources);
      const config = own?.[1].config;
      if (!own || other || !config || isAdvice(text.replace(/[-=]>/g, '→'), index)) continue;
      const rules = (await ruleFiles(sources)).flatMap(([, file]) => file.groups.flatMap((group) => group.rules));
      const alerts = rules
        .filter((rule) => rule.kind === 'alert' && rule.labels['severity'] === severity)
        .map((rule) => ({ ...rule.labels, alertname: rule.name }));
      // What the rules do not set, the series may.
      const tried = [{ severity }, ...alerts];
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
        ...(wanted.every((each) =>
          kinds.some((one) => one === each || (each === 'msteams' && one.startsWith('msteams'))),
        )
          ? holds(`${own[0]} routes them so`)
          : doubt(
              `${own[0]} routes severity ${severity} to ${reached.join(', ')} (${kinds.join(', ') || 'no integration'})`,
              'correct the sentence, or the routes',
            )),
      });
    }
  return claims;
}
