/**
 * Versions of the API that no cluster serves any longer; those that nothing took the place of (PodSecurityPolicy) are kept for old
 * clusters on purpose. Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
const gone: readonly [apiVersion: RegExp, kinds: RegExp, version: string, instead: string][] = [
  [/^extensions\/v1beta1$/, /^(?:Deployment|DaemonSet|ReplicaSet)$/, '1.16', 'apps/v1'],
  [/^extensions\/v1beta1$/, /^NetworkPolicy$/, '1.16', 'networking.k8s.io/v1'],
  [/^apps\/v1beta[12]$/, /^(?:Deployment|DaemonSet|ReplicaSet|StatefulSet)$/, '1.16', 'apps/v1'],
  [/^(?:extensions|networking\.k8s\.io)\/v1beta1$/, /^Ingress(?:Class)?$/, '1.22', 'networking.k8s.io/v1'],
  [
    /^rbac\.authorization\.k8s\.io\/v1(?:beta1|alpha1)$/,
    /^(?:Cluster)?Role(?:Binding)?$/,
    '1.22',
    'rbac.authorization.k8s.io/v1',
  ],
  [/^apiextensions\.k8s\.io\/v1beta1$/, /^CustomResourceDefinition$/, '1.22', 'apiextensions.k8s.io/v1'],
  [
    /^admissionregistration\.k8s\.io\/v1beta1$/,
    /^(?:Mutating|Validating)WebhookConfiguration$/,
    '1.22',
    'admissionregistration.k8s.io/v1',
  ],
  [/^apiregistration\.k8s\.io\/v1beta1$/, /^APIService$/, '1.22', 'apiregistration.k8s.io/v1'],
  [/^certificates\.k8s\.io\/v1beta1$/, /^CertificateSigningRequest$/, '1.22', 'certificates.k8s.io/v1'],
  [/^coordination\.k8s\.io\/v1beta1$/, /^Lease$/, '1.22', 'coordination.k8s.io/v1'],
  [/^scheduling\.k8s\.io\/v1beta1$/, /^PriorityClass$/, '1.22', 'scheduling.k8s.io/v1'],
  [/^storage\.k8s\.io\/v1beta1$/, /^(?:CSIDriver|CSINode|StorageClass|VolumeAttachment)$/, '1.22', 'storage.k8s.io/v1'],
  [/^batch\/v(?:1beta1|2alpha1)$/, /^CronJob$/, '1.25', 'batch/v1'],
  [/^discovery\.k8s\.io\/v1beta1$/, /^EndpointSlice$/, '1.25', 'discovery.k8s.io/v1'],
  [/^autoscaling\/v2beta1$/, /^HorizontalPodAutoscaler$/, '1.25', 'autoscaling/v2'],
  [/^policy\/v1beta1$/, /^PodDisruptionBudget$/, '1.25', 'policy/v1'],
  [/^node\.k8s\.io\/v1beta1$/, /^RuntimeClass$/, '1.25', 'node.k8s.io/v1'],
  [/^autoscaling\/v2beta2$/, /^HorizontalPodAutoscaler$/, '1.26', 'autoscaling/v2'],
  [/^storage\.k8s\.io\/v1beta1$/, /^CSIStorageCapacity$/, '1.27', 'storage.k8s.io/v1'],
  [
    /^flowcontrol\.apiserver\.k8s\.io\/v1beta[123]$/,
    /^(?:FlowSchema|PriorityLevelConfiguration)$/,
    '1.32',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
];

/** The version of Kubernetes since which no cluster serves a kind in this version, and what to write instead. */
export const goneSince = (apiVersion: string, kind: string): { version: string; instead: string } | undefined => {
  const found = gone.find(([versions, kinds]) => versions.test(apiVersion) && kinds.test(kind));
  return found && { version: found[2], instead: found[3] };
};
