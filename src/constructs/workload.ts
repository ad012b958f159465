import { createHash } from "node:crypto";
import { ApiObject, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { type Exceptions, exceptions, IMAGE_EXCEPTIONS } from "../exceptions.ts";
import { type Identity, labels, selector } from "../labels.ts";
import { type ContainerProps, container } from "./container.ts";

/** What every pod of ours has in common. */
export interface PodProps {
  readonly identity: Identity;
  readonly containers: readonly ContainerProps[];
  /** Run one after the other before the containers. @default none */
  readonly initContainers?: readonly ContainerProps[];
  /** Group that owns the volumes: the first container's user id. */
  readonly group: number;
  /** Whose rights on the API the first container has. @default none: no token is mounted anywhere */
  readonly serviceAccount?: kplus.IServiceAccount;
  /** Time to end cleanly after SIGTERM. @default 30 seconds */
  readonly grace?: Duration;
  /** Configuration that the process reads only at its start: a change rolls the pod. @default none */
  readonly restartOn?: readonly unknown[];
  /** Scanner checks that this workload knowingly fails, beside those of every image. @default none */
  readonly exceptions?: Exceptions;
}

/** A short hash of configuration, stable over machines: the same data in the same order gives the same text. */
export function checksum(data: unknown): string {
  return createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16);
}

/** The properties that cdk8s-plus takes for the pods of a hardened workload; `finish` adds what it cannot say. */
export function podOptions(props: PodProps) {
  const { identity, containers, initContainers = [], group, serviceAccount, grace, restartOn = [] } = props;
  const configuration: Record<string, string> = restartOn.length > 0 ? { "cloudnova.dev/configuration": checksum(restartOn) } : {};
  return {
    metadata: {
      name: identity.name,
      labels: labels(identity),
      annotations: exceptions({ ...IMAGE_EXCEPTIONS, ...props.exceptions }),
    },
    podMetadata: { labels: labels(identity), annotations: configuration },
    // cdk8s-plus selects by a label with a hash of the construct's path; ours is set by select().
    select: false,
    containers: containers.map(container),
    initContainers: initContainers.map(container),
    serviceAccount,
    automountServiceAccountToken: false,
    securityContext: {
      ensureNonRoot: true,
      user: containers[0]?.user,
      group,
      fsGroup: group,
      // Walking a large volume at every start costs minutes; its root's owner tells whether it is needed.
      fsGroupChangePolicy: kplus.FsGroupChangePolicy.ON_ROOT_MISMATCH,
    },
    terminationGracePeriod: grace ?? Duration.seconds(30),
  };
}

/** Node storage for logs and emptyDirs. cdk8s-plus takes it in whole GiB only. */
const EPHEMERAL = { requests: kplus.k8s.Quantity.fromString("16Mi"), limits: kplus.k8s.Quantity.fromString("256Mi") };

/** What the kubelet would mount by itself, for one container instead of all: its token, the API's CA, its namespace. */
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

/**
 * Adds what cdk8s-plus-27 cannot say to a workload's pods, and returns the workload. The patches are read in the words of
 * its L1 types (`downwardApi`, `Quantity`), and what Kubernetes 1.27 did not know is dropped without a word.
 * @param podSpec JSON pointer to the pod's spec; a CronJob's lies deeper
 */
export function finish<T extends kplus.Workload>(workload: T, props: PodProps, podSpec = "/spec/template/spec"): T {
  const object = ApiObject.of(workload);
  const add = (path: string, value: unknown) => object.addJsonPatch(JsonPatch.add(`${podSpec}${path}`, value));
  object.addJsonPatch(JsonPatch.remove(`${podSpec.replace(/spec$/, "metadata")}/labels/cdk8s.io~1metadata.addr`));
  add("/securityContext/seccompProfile", { type: "RuntimeDefault" });
  // Without this every Service of the namespace becomes variables of every container.
  add("/enableServiceLinks", false);
  const storage = (list: string, containers: readonly ContainerProps[]) => {
    for (const index of containers.keys()) {
      for (const [kind, size] of Object.entries(EPHEMERAL)) add(`/${list}/${index}/resources/${kind}/ephemeral-storage`, size);
    }
  };
  storage("containers", props.containers);
  storage("initContainers", props.initContainers ?? []);
  if (props.serviceAccount) {
    add("/volumes/-", TOKEN_VOLUME);
    add("/containers/0/volumeMounts/-", TOKEN_MOUNT);
  }
  return workload;
}

/** Selects the pods by the component's name; for what has a selector, so not for Jobs. */
export function select<T extends kplus.Workload>(workload: T, { name }: Identity): T {
  workload.select(kplus.LabelSelector.of({ labels: selector(name) }));
  return workload;
}

/** A Service in front of a component's pods: stable name, stable selector. */
export function service(
  scope: Construct,
  identity: Identity,
  ports: readonly kplus.ServicePort[],
  options: { readonly headless?: boolean } = {},
): kplus.Service {
  return new kplus.Service(scope, "service", {
    metadata: { name: identity.name, labels: labels(identity) },
    selector: kplus.Pods.select(scope, "service-pods", { labels: selector(identity.name) }),
    clusterIP: options.headless ? "None" : undefined,
    ports: [...ports],
  });
}

/**
 * One pod with its volume: a StatefulSet, whose bad image heals by its revert when pods are managed in parallel
 * (with OrderedReady it would stay stuck).
 * @param replicas 0 for a pod that runs on demand only
 */
export function single(scope: Construct, props: PodProps, governing: kplus.Service, replicas: 0 | 1 = 1): kplus.StatefulSet {
  // Clients of the only instance always find it: taking it out of DNS while it is not ready helps nobody.
  ApiObject.of(governing).addJsonPatch(
    JsonPatch.add("/spec/publishNotReadyAddresses", true),
    // cdk8s-plus adds the hash of the StatefulSet's path to the selector of its Service.
    JsonPatch.remove("/spec/selector/cdk8s.io~1metadata.addr"),
  );
  const set = new kplus.StatefulSet(scope, "pods", {
    ...podOptions(props),
    service: governing,
    podManagementPolicy: kplus.PodManagementPolicy.PARALLEL,
    replicas,
  });
  return select(finish(set, props), props.identity);
}
