import { valueOf } from '../formats/documents/number-ties.ts';
import { lengthOfTime, secondsOf, wholeNumber } from './reading.ts';

/** A value that deployment files give, and how documents speak of it. */
export interface Deployed {
  what: string;
  /** Wordings, with the value as the first group. */
  said: readonly RegExp[];
  /** What the line or a heading above it must speak of. */
  about?: RegExp;
  /** What neither the line, nor its list's label, nor the heading above it may speak of. */
  unless?: RegExp;
  /** Files (those that deploy, where none are named), and where in them the value stands, as the first group. */
  files?: RegExp;
  written: RegExp;
  /** What a file must hold to be one that has it. */
  holds?: RegExp;
  /** What a file has is never shown. */
  secret?: true;
  /** What is said where the files are there, and none of them has any such value. */
  none?: string;
  /** The value to compare; undefined where it is none. */
  value(text: string): number | string | undefined;
}

/** Files that deploy. */
export const yaml = /\.(?:ya?ml|toml|json|tpl|j2|tf|libsonnet)$/;
export const time = `(${lengthOfTime})`;
const between = String.raw`\W{0,6}(?:is|of|set to|at)?\W{0,4}`;
// "30s group_wait, 2m group_interval" has each before its name.
const time_ = (words: string): RegExp =>
  new RegExp(String.raw`\b${words}\b${between}${time}(?!\s+\w+_(?:wait|interval)\b)`, 'i');

/** Bytes of `512M`, `1 GB`, `2Gi`, to the nearest of either reading: M and Mi are not told apart. */
function bytesOf(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s?([KMGT])/i.exec(text.replace(/["'`]/g, '')) ?? [];
  return digits === '' ? undefined : Number(digits) * 1024 ** (1 + 'KMGT'.indexOf(unit.toUpperCase()));
}
const coresOf = (text: string): number | undefined => {
  const [, digits = '', milli = ''] = /^(\d+(?:\.\d+)?)(m?)$/.exec(text.replace(/["'`]/g, '').trim()) ?? [];
  return digits === '' ? undefined : Number(digits) / (milli === '' ? 1 : 1000);
};
const dockerfile = /(?:^|\/)(?:Dockerfile|Containerfile)[\w.-]*$|\.Dockerfile$/;
/** The system that an image is of, by its name and tag. */
const systemOf = (text: string): string | undefined =>
  (
    [
      [/alpine/i, 'alpine'],
      [/distroless/i, 'distroless'],
      [/^scratch$/i, 'scratch'],
      [/ubuntu|jammy|noble|focal/i, 'ubuntu'],
      [/debian|bookworm|bullseye|trixie|slim/i, 'debian'],
    ] as const
  ).find(([pattern]) => pattern.test(text.trim()))?.[1];
const plainSeconds = (text: string): number | undefined => secondsOf(/^\d+$/.test(text) ? `${text}s` : text);
export const plain = (text: string): string => text.replace(/["'`]/g, '').trim();

/** What an autoscaler holds a resource to, as documents say it. */
const saidShare = (of: string): RegExp[] => [
  new RegExp(String.raw`(?:\b(?:at|above|over|exceeds?|target\w*)|>=?)\s?(\d{1,3})\s?% (?:of )?${of}\b`, 'i'),
  new RegExp(
    String.raw`\b${of}(?: (?:utili[sz]ation|usage|threshold|load))*\W{0,4}(?:of|at|target\w*|above|over|exceeds?|>=?)\s?(\d{1,3})\s?%`,
    'i',
  ),
];
/** Where an autoscaler of Kubernetes, a chart or Terraform has it. */
const shareIn = (of: string): RegExp =>
  new RegExp(
    String.raw`(?:\bname:\s*["']?${of}["']?[\s,]+target:[\s{]+(?:type:\s*["']?\w+["']?[\s,]+)?averageUtilization|target_?${of}_?utili[sz]ation(?:_?percentage)?|${of}AverageUtilization)"?\s*[:=]\s*(\d+)`,
    'gi',
  );

/** The kinds of values that are looked up. */
export const deployed: readonly Deployed[] = [
  {
    what: 'scrape interval',
    said: [
      new RegExp(String.raw`\bscrap(?:es?|ed|ing)\b(?:[^.;|]|\.(?=\S)){0,60}?\bevery ${time}`, 'i'),
      time_('scrape[ _]interval'),
      new RegExp(String.raw`${time} scrape interval\b`, 'i'),
    ],
    written: /(?:scrape_interval"?|interval(?<=(?:Service|Pod)Monitor[\s\S]*\n\s*-?\s*interval))\s*[:=]\s*["']?(\w+)/g,
    value: secondsOf,
  },
  {
    what: 'evaluation interval',
    said: [
      time_('evaluation[ _]interval'),
      new RegExp(
        String.raw`\b(?:rules (?:are )?evaluated|evaluates (?:the |its |all )?(?:alert(?:ing)? )?rules) every ${time}`,
        'i',
      ),
    ],
    // A group of rules may have one of its own.
    written: /(?:evaluation_interval|evaluationInterval|interval(?<=- name:.*\n\s+interval))"?\s*[:=]\s*["']?(\w+)/g,
    value: secondsOf,
  },
  {
    what: 'retention',
    about: /prometheus|metrics|tsdb|alerting|monitoring/i,
    unless: /backup|\blogs?\b|session|audit|loki|traces?\b|hot|cold|archive|histor\w+|records?\b|uptime|snapshots?\b/i,
    said: [
      time_('retention(?: period| time)?'),
      new RegExp(String.raw`\b(?:keeps?|retains?|kept|retained)\b[^.;|]{0,40}?\bfor ${time}`, 'i'),
      new RegExp(String.raw`\bkeeps ${time}`, 'i'),
      new RegExp(String.raw`${time}(?: of)? retention\b`, 'i'),
    ],
    files: /\.(?:ya?ml|service|sh|env|tf|json)$/,
    written: /(?:retention\.time[= "',]+|\bretention\s*[:=]\s*["']?)(\d\w+)/g,
    value: secondsOf,
  },
  ...(['group_wait', 'group_interval', 'repeat_interval'] as const).map((name): Deployed => ({
    what: name,
    said: [
      time_(name.replace('_', '[ _]')),
      ...(name === 'repeat_interval'
        ? [
            new RegExp(
              String.raw`\b(?:alertmanager|alerts?|notifications?)\b[^.;|]{0,30}\brepeat(?:s|ed)?\b[^.;|]{0,12}\b(?:after|every) ${time}`,
              'i',
            ),
          ]
        : []),
    ],
    written: new RegExp(String.raw`\b${name}"?\s*[:=]\s*["']?(\w+)`, 'g'),
    value: secondsOf,
  })),
  {
    what: 'replicas',
    about: /kubernetes|k8s|deployment|statefulset|helm|pods?\b|cluster|manifest|namespace/i,
    said: [new RegExp(String.raw`(?<![\w.–-])(${wholeNumber}) replicas\b`, 'i')],
    written: /\b(?:min|max)?[rR]eplica(?:s|Count)"?\s*[:=]\s*["']?(\d+)/g,
    value: valueOf,
  },
  {
    what: 'memory limit',
    said: [
      new RegExp(String.raw`\bmemory limit\b[^.;|\d]{0,30}(\d+(?:\.\d+)?\s?[KMGT]i?B?)\b`, 'i'),
      /\blimits? of\b[^.;|]{0,30}?(?<![\w.])(\d+(?:\.\d+)?\s?[KMGT]i?B?)\b/,
      /\b(?:containers?|services?)\b[^.;|]{0,24}\b(?:is|are) (?:limited|capped|restricted) to (\d+(?:\.\d+)?\s?[KMGT]i?B)\b/i,
    ],
    none: 'no deployment file limits the memory of anything',
    written: /(?:\bmem(?:ory|_limit|_reservation)"?\s*[:=]\s*["']?|--memory[= ])(\d\w*)/g,
    value: bytesOf,
  },
  {
    what: 'CPU limit',
    said: [/\bcpu limit\b[^.;|\d]{0,20}(\d+m?)\b/i, /\blimits? of (\d+(?:\.\d+)?m?) CPUs?\b/i],
    written: /\bcpus?"?\s*[:=]\s*["']?(\d[\d.]*m?)\b/g,
    value: coresOf,
  },
  {
    what: 'path of a probe',
    said: [/\b(?:liveness|readiness|startup)[ -]?probes?\b[^.;|]{0,50}?[\s`"](\/[\w/.-]*\w)/i],
    holds: /(?:liveness|readiness|startup)Probe/,
    written: /\bpath"?\s*:\s*["']?(\/[\w/.-]*)/g,
    value: plain,
  },
  {
    what: 'period of a probe',
    said: [new RegExp(String.raw`\b(?:liveness|readiness|startup)[ -]?probes?\b[^.;|]{0,60}?\bevery ${time}`, 'i')],
    holds: /(?:liveness|readiness|startup)Probe/,
    written: /\bperiodSeconds"?\s*:\s*(\d+)/g,
    value: plainSeconds,
  },
  {
    what: 'delay of a probe',
    said: [new RegExp(String.raw`\b(?:liveness|readiness|startup)[ -]?probes?\b[^.;|]{0,60}?\bafter ${time}`, 'i')],
    holds: /(?:liveness|readiness|startup)Probe/,
    written: /\binitialDelaySeconds"?\s*:\s*(\d+)/g,
    value: plainSeconds,
  },
  {
    what: 'grace period',
    said: [time_('(?:termination )?grace period'), time_('terminationGracePeriodSeconds')],
    about: /pod|kubernetes|k8s|terminat|shutdown/i,
    written: /\bterminationGracePeriodSeconds"?\s*:\s*(\d+)/g,
    value: plainSeconds,
  },
  {
    what: 'port of a Service',
    about: /kubernetes|k8s|cluster|manifest/i,
    said: [/\bService\b[^.;|]{0,30}?\b(?:listens on|exposes|on) port (\d{2,5})\b/],
    holds: /kind: ["']?Service\b/,
    written: /\b(?:port|nodePort|containerPort|targetPort)"?\s*:\s*["']?(\d+)/g,
    value: valueOf,
  },
  {
    what: 'restart policy',
    about: /compose|docker|container/i,
    said: [/\brestart(?:s|ed)?\b(?: policy)?\W{0,4}(?:is|of|set to)?\W{0,3}`(always|unless-stopped|on-failure|no)`/i],
    files: /\.ya?ml$/,
    written: /^\s*restart:\s*["']?([\w-]+)/gm,
    value: plain,
  },
  {
    what: 'user of the image',
    said: [/\bruns? as (?:the |a )?(?:non-root )?user (?:id )?`?(?!(?:for|to|in|by|and)\b)([a-z][\w-]+)(?![\w-])/i],
    files: dockerfile,
    written: /(?:^USER\s+|\b(?:useradd|adduser)\b[^\n&]*?\s)([a-z][\w-]+)(?::\w+)?\s*(?:$|&&|\\)/gm,
    value: plain,
  },
  {
    what: 'id of the image’s user',
    about: /docker|image|container/i,
    said: [
      /\bruns? as (?:the |a )?(?:non-root )?(?:user|uid) (?:id )?`?(\d{2,6})\b/i,
      /\b(?:user id|uid) `?(\d{2,6})\b/i,
    ],
    files: dockerfile,
    written: /(?:^USER\s+|\b(?:useradd|adduser)\b[^\n&]*?\s(?:-u|--uid)[ =])(\d+)/gm,
    value: valueOf,
  },
  {
    what: 'base image',
    about: /docker|image|container/i,
    said: [/\b(?:built|based) (?:from|on) `((?:[\w.-]+\/)*[\w.-]+:[\w.-]+)`/i],
    files: dockerfile,
    written: /^FROM\s+(?:--platform=\S+\s+)?([\w./-]+:[\w.-]+)/gm,
    value: plain,
  },
  {
    what: 'system of the base image',
    about: /docker|image|container/i,
    said: [/\b(?:built|based|runs) (?:from|on) `?(alpine|debian|ubuntu|scratch|distroless)\b/i],
    files: dockerfile,
    written: /^FROM\s+(?:--platform=\S+\s+)?([\w.:/-]+)/gm,
    value: systemOf,
  },
  {
    what: 'interval of a health check',
    // Of other things than containers health is checked too.
    about: /docker|compose|container|image/i,
    said: [new RegExp(String.raw`\bhealth(?: ?checks?\b| is checked)[^.;|]{0,40}?\bevery ${time}`, 'i')],
    files: /(?:^|\/)(?:Dockerfile|Containerfile)[\w.-]*$|\.Dockerfile$|\.ya?ml$/,
    holds: /HEALTHCHECK|healthcheck:/,
    written: /(?:--interval=|\binterval:\s*)["']?(\d\w*)/g,
    value: secondsOf,
  },
  {
    what: 'retries of a health check',
    about: /docker|compose|container|image/i,
    said: [new RegExp(String.raw`\bhealth ?checks?\b[^.;|]{0,60}?(?<![\w.])(${wholeNumber}) retries\b`, 'i')],
    files: /(?:^|\/)(?:Dockerfile|Containerfile)[\w.-]*$|\.Dockerfile$|\.ya?ml$/,
    holds: /HEALTHCHECK|healthcheck:/,
    written: /(?:--retries=|\bretries:\s*)(\d+)/g,
    value: valueOf,
  },
  {
    what: 'type of a Service',
    about: /kubernetes|k8s|helm|chart|service/i,
    said: [
      /\bservices?\b[^.;|]{0,30}?\b(?:type|as) `?(ClusterIP|NodePort|LoadBalancer)\b/i,
      /`?\b(ClusterIP|NodePort|LoadBalancer)`? service\b/i,
    ],
    written: /^\s*type:\s*["']?(ClusterIP|NodePort|LoadBalancer)\b/gm,
    value: plain,
  },
  {
    what: 'CPU share of an autoscaler',
    about: /autoscal|hpa\b|replicas/i,
    unless: /\balert/i,
    said: saidShare('CPU'),
    written: shareIn('cpu'),
    value: valueOf,
  },
  {
    what: 'memory share of an autoscaler',
    about: /autoscal|hpa\b/i,
    unless: /\balert/i,
    said: saidShare('memory'),
    written: shareIn('memory'),
    value: valueOf,
  },
  {
    what: 'least coverage that CI takes',
    about: /\bCI\b|pipeline|workflow|gate|enforc/i,
    said: [
      /\bcoverage\b[^.;|]{0,40}?\b(?:below|under)\s(\d{1,3})\s?%/i,
      /\bcoverage (?:gate|threshold|enforcement|floor)\b[^.;|\d]{0,16}(\d{1,3})\s?%/i,
    ],
    files: /\.(?:ya?ml|toml|cfg|ini|json|sh)$|(?:^|\/)(?:Makefile|justfile|\.coveragerc)$/,
    written: /(?:--(?:cov-)?fail-under(?:-lines)?|\b(?:cov_)?fail_under)\s*[= ]\s*["']?(\d+)/g,
    value: valueOf,
  },
  {
    what: 'memory request',
    about: /kubernetes|k8s|helm|chart|pod|deployment|request/i,
    said: [/\b(?:requests?|asks for)\s`?(\d+(?:\.\d+)?\s?[KMG]i?B?)`? (?:of )?memory\b/i],
    written: /\bmemory"?\s*[:=]\s*["']?(\d\w*)/g,
    value: bytesOf,
  },
  {
    what: 'storage that is claimed',
    about: /kubernetes|k8s|helm|pvc|statefulset|persistent/i,
    said: [
      /(?<![\w.])(\d+(?:\.\d+)?\s?[GT]i?B?)(?: of)?(?: persistent)? (?:storage|volume|disk)\b/i,
      /\b(?:persistent )?(?:storage|volume|PVC)\b(?: of|\W{1,3})\s?(\d+(?:\.\d+)?\s?[GT]i?B?)\b/i,
    ],
    holds: /PersistentVolumeClaim|volumeClaimTemplates|persistence:/,
    written: /\b(?:storage|size)"?\s*:\s*["']?(\d\w*)/g,
    value: bytesOf,
  },
];
