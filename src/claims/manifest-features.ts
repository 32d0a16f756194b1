import { doubt, holds, isAdvice, spokenLines, type Claim, type Reading } from './reading.ts';

/** What a document may say that the deployment has, and how a manifest, a chart or a program that makes them writes it. */
const features: readonly [said: RegExp, written: RegExp][] = [
  [/\btopology spread(?: constraints?)?\b/i, /topologySpreadConstraints|topology_spread/],
  [/\bpod anti-?affinity\b/i, /podAntiAffinity|pod_anti_affinity/],
  [/\bpod ?disruption ?budgets?\b|\bPDBs?\b/i, /PodDisruptionBudget|pod_disruption_budget/],
  [/\bnetwork ?polic(?:y|ies)\b/i, /NetworkPolicy|network_policy/],
  [/\bhorizontal pod autoscal(?:er|ing)\b|\bHPA\b/i, /HorizontalPodAutoscaler|horizontal_pod_autoscaler|ScaledObject/],
  [
    /\bread-?only root file ?systems?\b/i,
    /readOnlyRootFilesystem:\s*true|read_only_root_filesystem|read_only:\s*true|--read-only/,
  ],
  [/\bstartup probes?\b/i, /startupProbe|startup_probe/],
  [/\bliveness probes?\b/i, /livenessProbe|liveness_probe/],
  [/\breadiness probes?\b/i, /readinessProbe|readiness_probe/],
  [/\bresource quotas?\b/i, /ResourceQuota|resource_quota/],
  [/\bservice ?monitors?\b/i, /ServiceMonitor|service_monitor/],
];
const workload = /^[ \t]*kind:\s*["']?(?:Deployment|StatefulSet|DaemonSet)\b/m;
const deployment = /\.(?:ya?ml|tpl|json|tf|jsonnet|libsonnet|cue|ts|py|go|sh)$/;

const recipe = /(?:^|\/)(?:[\w.-]+\.)?(?:Docker|Container)file(?:\.[\w.-]+)?$/i;
/** What a document may say of the images that are built here, and how a Dockerfile, or what runs the image, writes it. */
const stages =
  /\bmulti-?stage (?:[\w-]+ ){0,2}(?:builds?|docker\w*|images?)\b|\bdockerfile\b[^.;|]{0,24}\bmulti-?stage\b/i;
const ofImages: typeof features = [
  [stages, /^\s*FROM\s[\s\S]*^\s*FROM\s/m],
  [
    /\bnon-?root (?:docker )?(?:users?|containers?|execution|images?)\b|\b(?:runs?|running) as (?:a )?non-?root\b/i,
    /^\s*USER\s+(?!root\b|0\b)|^\s*FROM\s.*(?:nonroot|unprivileged|rootless)|\b(?:runAsNonRoot|runAsUser|gosu|su-exec|setpriv)\b|^\s*user:\s/im,
  ],
];

/** Features of Kubernetes and of images that a list says are there, where the repository has such files and none of them has a word of it. */
export async function manifestFeatureClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const deployed = [...(await sources.matching(deployment)).values()];
  const recipes = [...(await sources.matching(recipe)).values()];
  const kinds = [
    ...(deployed.some((text) => text.includes('kind:') && workload.test(text)) ? features : []),
    ...(recipes.length > 0 ? ofImages : []),
  ];
  if (!sources.whole || kinds.length === 0) return claims;
  const isOfImage = new Set(ofImages.map(([said]) => said));
  const done = new Set<RegExp>();
  for (const { line, text, headings } of spokenLines(parsed))
    for (const [said, written] of kinds) {
      const match = said.exec(text);
      if (
        !match ||
        done.has(said) ||
        !/^\s*(?:[-*+]|\d+[.)]|[✅✓☑])\s/u.test(text) ||
        isAdvice(text, match.index) ||
        /\b(?:no|not|without|optional\w*|consider|add|enable|configure|implement|use|set|create|define|apply|deploy|check|ensure|if|supports?)\b/i.test(
          text,
        ) ||
        /\b(?:check-?list|optional|best practices?|troubleshoot\w*|requirements?|options?|guide)\b/i.test(headings)
      )
        continue;
      done.add(said);
      claims.push({
        kind: 'value',
        line,
        text: match[0],
        ...([...recipes, ...(said === stages ? [] : deployed)].some((one) => written.test(one))
          ? holds('a manifest has it')
          : doubt(
              isOfImage.has(said)
                ? 'no Dockerfile of the repository has it'
                : 'no manifest, chart or program of the repository has it',
              'add it, or correct the sentence',
            )),
      });
    }
  return claims;
}
