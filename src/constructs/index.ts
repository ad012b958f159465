/** The constructs that other cdk8s projects can import as `cloudnova/constructs`; CloudNova's charts use the same ones. */
export { BACKGROUND } from "./background.ts";
export { clusterScoped } from "./cluster-scoped.ts";
export { configMount } from "./config-mount.ts";
export type { ContainerProps, ContainerResources, SecretKey } from "./container.ts";
export { DataVolume, type DataVolumeProps, NEVER_PRUNED } from "./data-volume.ts";
export { DisruptionBudget, type DisruptionBudgetProps } from "./disruption-budget.ts";
export { HardenedWorkload, type HardenedWorkloadProps } from "./hardened-workload.ts";
export { selector } from "./selector.ts";
export { spread } from "./spread.ts";
export { WorkloadService, type WorkloadServiceProps } from "./workload-service.ts";
export {
  HardenedCronJob,
  type HardenedCronJobProps,
  HardenedDaemonSet,
  type HardenedDaemonSetProps,
  HardenedDeployment,
  type HardenedDeploymentProps,
  HardenedJob,
  type HardenedJobProps,
  HardenedStatefulSet,
  type HardenedStatefulSetProps,
} from "./workloads.ts";
