import type { Claim } from './claim.ts';
import { doubt, holds } from '../formats/documents/verdict.ts';
import type { Reading } from './reading.ts';
import { isAdvice, spokenLines } from './spoken.ts';

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

/** Features of Kubernetes that a list says are there, where the repository has manifests and none of its files has a word of them. */
export async function manifestFeatureClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const texts = [...(await sources.matching(deployment)).values()];
  if (!sources.whole || !texts.some((text) => text.includes('kind:') && workload.test(text))) return claims;
  const done = new Set<RegExp>();
  for (const { line, text, headings } of spokenLines(parsed))
    for (const [said, written] of features) {
      const match = said.exec(text);
      if (
        !match ||
        done.has(said) ||
        !/^\s*(?:[-*+]|\d+[.)]|[✅✓☑])\s/u.test(text) ||
        isAdvice(text, match.index) ||
        /\b(?:no|not|without|optional\w*|consider|add|enable|configure|use|check|ensure|if|supports?)\b/i.test(text) ||
        /\b(?:check-?list|optional|best practices?|troubleshoot\w*|requirements?|options?|guide)\b/i.test(headings)
      )
        continue;
      done.add(said);
      claims.push({
        kind: 'value',
        line,
        text: match[0],
        ...(texts.some((one) => written.test(one))
          ? holds('a manifest has it')
          : doubt('no manifest, chart or program of the repository has it', 'add it, or correct the sentence')),
      });
    }
  return claims;
}
