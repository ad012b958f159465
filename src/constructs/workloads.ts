import { ApiObject, type Cron, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { checksum, HardenedWorkload, type HardenedWorkloadProps, SelectingWorkload } from "./hardened-workload.ts";
import type { WorkloadService } from "./workload-service.ts";

export interface HardenedDeploymentProps extends HardenedWorkloadProps {
  /** @default 2; an autoscaler decides where it has one */
  readonly replicas?: number;
  /**
   * Whether the old pod ends before the new one starts, as a program needs that shares a volume with no other: it does not answer in
   * between.
   * @default false: a new replica is ready before an old one ends, so that an update loses no request
   */
  readonly recreate?: boolean;
}

/** A Deployment. */
export class HardenedDeployment extends SelectingWorkload<kplus.Deployment> {
  constructor(scope: Construct, id: string, { replicas, recreate = false, ...props }: HardenedDeploymentProps) {
    const strategy = recreate
      ? kplus.DeploymentStrategy.recreate()
      : kplus.DeploymentStrategy.rollingUpdate({
          maxSurge: kplus.PercentOrAbsolute.absolute(1),
          maxUnavailable: kplus.PercentOrAbsolute.absolute(0),
        });
    super(scope, id, props, (own, ownId, pods) => new kplus.Deployment(own, ownId, { ...pods, replicas, strategy }));
  }
}

export interface HardenedStatefulSetProps extends HardenedWorkloadProps {
  /** Its headless Service. */
  readonly service: WorkloadService;
  /** 0 for a pod that runs on demand only. @default 1 */
  readonly replicas?: 0 | 1;
}

/**
 * One pod that keeps its volumes: a StatefulSet. Its pods are managed in parallel: with OrderedReady a pod with a wrong image
 * stays even after the image is corrected.
 */
export class HardenedStatefulSet extends SelectingWorkload<kplus.StatefulSet> {
  constructor(scope: Construct, id: string, { service, replicas = 1, ...props }: HardenedStatefulSetProps) {
    const podManagementPolicy = kplus.PodManagementPolicy.PARALLEL;
    super(scope, id, props, (own, ownId, pods) => new kplus.StatefulSet(own, ownId, { ...pods, service, replicas, podManagementPolicy }));
  }
}

export interface HardenedDaemonSetProps extends HardenedWorkloadProps {
  /** Whether its pods have the node's network, which Pod Security *restricted* and *baseline* forbid. @default false */
  readonly hostNetwork?: boolean;
}

/** A pod on every node. */
export class HardenedDaemonSet extends SelectingWorkload<kplus.DaemonSet> {
  constructor(scope: Construct, id: string, { hostNetwork = false, ...props }: HardenedDaemonSetProps) {
    super(scope, id, props, (own, ownId, pods) => new kplus.DaemonSet(own, ownId, { ...pods, hostNetwork }));
  }
}

export interface HardenedJobProps extends HardenedWorkloadProps {
  /** How often a failed pod is tried again. @default 6, which is Kubernetes' own */
  readonly backoffLimit?: number;
  /** Content of the files that it runs or reads: a change makes a new Job. @default none */
  readonly files?: Readonly<Record<string, string>>;
}

/** A Job's container that fails is started again in its pod, so that `backoffLimit` leaves no list of failed pods. */
const restartPolicy = kplus.RestartPolicy.ON_FAILURE;

/**
 * A Job. Its template is immutable, so its name ends in a hash of its spec and its files: a change makes a new Job. It has no
 * TTL: GitOps would create a deleted Job again and again.
 */
export class HardenedJob extends HardenedWorkload<kplus.Job> {
  constructor(scope: Construct, id: string, { backoffLimit, files = {}, ...props }: HardenedJobProps) {
    super(scope, id, props, (own, ownId, pods) => new kplus.Job(own, ownId, { ...pods, backoffLimit, restartPolicy }));
    const object = ApiObject.of(this.workload);
    const hash = checksum([object.toJson().spec, files]).slice(0, 8);
    object.addJsonPatch(JsonPatch.replace("/metadata/name", `${props.name}-${hash}`));
  }
}

export interface HardenedCronJobProps extends HardenedWorkloadProps {
  readonly schedule: Cron;
  /** Time zone of the schedule, by a name of the IANA database. @default that of the cluster's controller manager, mostly UTC */
  readonly timeZone?: string;
  /** How often a failed pod is tried again. @default 6, which is Kubernetes' own */
  readonly backoffLimit?: number;
  /** How late a run may start that was missed, because the node was off. @default 6 hours */
  readonly startingDeadline?: Duration;
}

/** A CronJob, one run at a time. The last successful and the last failed run are kept. */
export class HardenedCronJob extends HardenedWorkload<kplus.CronJob> {
  constructor(scope: Construct, id: string, { schedule, timeZone, backoffLimit, startingDeadline, ...props }: HardenedCronJobProps) {
    const options = {
      schedule,
      timeZone,
      backoffLimit,
      restartPolicy,
      concurrencyPolicy: kplus.ConcurrencyPolicy.FORBID,
      startingDeadline: startingDeadline ?? Duration.hours(6),
      successfulJobsRetained: 1,
      failedJobsRetained: 1,
    };
    super(
      scope,
      id,
      props,
      (own, ownId, pods) => new kplus.CronJob(own, ownId, { ...pods, ...options }),
      "/spec/jobTemplate/spec/template/spec",
    );
  }
}
