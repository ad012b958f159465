import { createHash } from "node:crypto";
import { ApiObject, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import { type ContainerProps, container, resourceRequirements } from "./container.ts";
import { selector } from "./selector.ts";

/** What every hardened workload takes, whatever its kind. */
export interface HardenedWorkloadProps {
  /** Name of the object. As `app.kubernetes.io/name` it is a label of its pods, by which they are selected. */
  readonly name: string;
  /** Other labels of the object and of its pods. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the object; its pods do not have them. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The volumes belong to the first one's user id, which is the pod's too. */
  readonly containers: readonly [ContainerProps, ...ContainerProps[]];
  /** Run one after the other before the containers. @default none */
  readonly initContainers?: readonly ContainerProps[];
  /** The account whose rights on the API the first container has. @default none: no token is mounted anywhere */
  readonly serviceAccount?: kplus.IServiceAccount;
  /** Time to end cleanly after SIGTERM. @default 30 seconds */
  readonly grace?: Duration;
  /** Configuration that the process reads only at its start: a change rolls the pods. @default none */
  readonly restartOn?: readonly unknown[];
  /**
   * Time between the end of a pod's endpoint and SIGTERM, for load balancers to learn of it; it counts as part of `grace`. The kubelet
   * sleeps (Kubernetes 1.30), so the image needs no program for it.
   * @default none
   */
  readonly drain?: Duration;
  /** The group of its volumes, in which its processes are, for those of another workload. @default the first container's user id */
  readonly fsGroup?: number;
  /** Kernel settings of the pods, such as `net.ipv4.ip_unprivileged_port_start`. @default none */
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** A short hash of configuration, stable over machines: the same data in the same order gives the same text. */
export function checksum(data: unknown): string {
  return createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16);
}

/** The properties that cdk8s-plus takes for the pods of a hardened workload. */
function podOptions({ containers, initContainers = [], restartOn = [], grace, ...props }: HardenedWorkloadProps): kplus.WorkloadProps {
  const [{ user }] = containers;
  const labels = { ...props.labels, ...selector(props.name) };
  return {
    metadata: { name: props.name, labels, annotations: { ...props.annotations } },
    podMetadata: { labels, annotations: restartOn.length > 0 ? { "cloudnova.dev/configuration": checksum(restartOn) } : {} },
    // cdk8s-plus selects by a label with a hash of the construct's path, which changes when a construct is moved.
    select: false,
    containers: containers.map(container),
    initContainers: initContainers.map(container),
    serviceAccount: props.serviceAccount,
    automountServiceAccountToken: false,
    securityContext: {
      ensureNonRoot: user !== 0,
      user,
      group: user,
      fsGroup: props.fsGroup ?? user,
      // Changing the owner of every file at each start takes minutes on a large volume; the owner of its root shows whether it is needed.
      fsGroupChangePolicy: kplus.FsGroupChangePolicy.ON_ROOT_MISMATCH,
    },
    terminationGracePeriod: grace ?? Duration.seconds(30),
  };
}

/** What the kubelet would mount into every container: a token, the API's CA and the namespace. */
const TOKEN_VOLUME = {
  name: "api-token",
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardApi: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
    ],
  },
};
const TOKEN_MOUNT = { name: TOKEN_VOLUME.name, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true };

type Add = (path: string, value: unknown) => JsonPatch;

/** Mounts a token into the first container. cdk8s-plus omits empty lists, and JSON Patch cannot append to a list that is absent. */
function tokenPatches({ containers, initContainers = [] }: HardenedWorkloadProps, add: Add): JsonPatch[] {
  const mounts = ({ mounts: list = [] }: ContainerProps) => list.length > 0;
  const append = (path: string, isThere: boolean, value: unknown) => (isThere ? add(`${path}/-`, value) : add(path, [value]));
  return [
    append("/volumes", [...containers, ...initContainers].some(mounts), TOKEN_VOLUME),
    append("/containers/0/volumeMounts", mounts(containers[0]), TOKEN_MOUNT),
  ];
}

/**
 * What cdk8s-plus-27 has no property for, as patches. They use the names of its L1 types (`downwardApi`, `Quantity`), and fields
 * that Kubernetes 1.27 did not have are dropped silently.
 * @param podSpec JSON pointer to the pod's spec
 */
function podPatches(props: HardenedWorkloadProps, podSpec: string): JsonPatch[] {
  const add: Add = (path, value) => JsonPatch.add(`${podSpec}${path}`, value);
  const resources = (list: string, containers: readonly ContainerProps[]) =>
    containers.map((one, index) => add(`/${list}/${index}/resources`, resourceRequirements(one.resources)));
  return [
    // The label with a hash of the construct's path.
    JsonPatch.remove(`${podSpec.replace(/spec$/, "metadata")}/labels/cdk8s.io~1metadata.addr`),
    add("/securityContext/seccompProfile", { type: "RuntimeDefault" }),
    ...(props.sysctls
      ? [
          add(
            "/securityContext/sysctls",
            Object.entries(props.sysctls).map(([name, value]) => ({ name, value })),
          ),
        ]
      : []),
    // Without this every Service of the namespace becomes variables of every container.
    add("/enableServiceLinks", false),
    ...resources("containers", props.containers),
    ...resources("initContainers", props.initContainers ?? []),
    ...(props.serviceAccount ? tokenPatches(props, add) : []),
  ];
}

/** cdk8s-plus-27's L1 types know no `sleep`, and drop it from patches: the object that they write is completed. */
function sleepBeforeEnd(object: ApiObject, time: Duration, podSpec: string): void {
  const write = object.toJson.bind(object);
  const hook = { preStop: { sleep: { seconds: time.toSeconds() } } };
  object.toJson = () => JsonPatch.apply(write(), JsonPatch.add(`${podSpec}/containers/0/lifecycle`, hook));
}

/** A workload of cdk8s-plus whose pods pass Pod Security *restricted* and request and limit every resource. */
export abstract class HardenedWorkload<T extends kplus.Workload> extends Construct {
  /** cdk8s-plus' own construct: for its scheduling, or as the target of an autoscaler. */
  readonly workload: T;

  /**
   * @param make makes cdk8s-plus' construct from the properties of its pods
   * @param podSpec JSON pointer to the pod's spec
   */
  protected constructor(
    scope: Construct,
    id: string,
    props: HardenedWorkloadProps,
    make: (scope: Construct, id: string, pods: kplus.WorkloadProps) => T,
    podSpec = "/spec/template/spec",
  ) {
    super(scope, id);
    this.workload = make(this, "Resource", podOptions(props));
    const object = ApiObject.of(this.workload);
    object.addJsonPatch(...podPatches(props, podSpec));
    if (props.drain) sleepBeforeEnd(object, props.drain, podSpec);
  }
}

/** A hardened workload that selects its pods by its name: of every kind but a Job and a CronJob. */
export abstract class SelectingWorkload<T extends kplus.Workload> extends HardenedWorkload<T> {
  protected constructor(
    scope: Construct,
    id: string,
    props: HardenedWorkloadProps,
    make: (scope: Construct, id: string, pods: kplus.WorkloadProps) => T,
  ) {
    super(scope, id, props, make);
    this.workload.select(kplus.LabelSelector.of({ labels: selector(props.name) }));
  }
}
