/** Fields of a container and of a pod. Source: the API reference of Kubernetes 1.34, core/v1 Container and PodSpec. */
export const containerFields: ReadonlySet<string> = new Set(
  'name image command args workingDir ports envFrom env resources resizePolicy restartPolicy restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty targetContainerName'.split(
    ' ',
  ),
);
export const podFields: ReadonlySet<string> = new Set(
  'volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride workloadRef'.split(
    ' ',
  ),
);

const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' '));
/** Fields of the spec of kinds that are written by hand most. Source: the same, apps/v1, batch/v1 and core/v1. */
export const specFields: Readonly<Record<string, ReadonlySet<string>>> = {
  Deployment: setOf(
    'replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds',
  ),
  StatefulSet: setOf(
    'replicas selector template volumeClaimTemplates serviceName podManagementPolicy updateStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy ordinals',
  ),
  DaemonSet: setOf('selector template updateStrategy minReadySeconds revisionHistoryLimit'),
  CronJob: setOf(
    'schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate successfulJobsHistoryLimit failedJobsHistoryLimit',
  ),
  Service: setOf(
    'ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution',
  ),
};
