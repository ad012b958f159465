import type { KubeObject } from "./objects.ts";

/** Why something does not come up: in words, and what to do. */
export interface Trouble {
  readonly what: string;
  readonly advice?: string;
}

/** What is known about one pod. */
export interface Observed {
  readonly pod: KubeObject;
  /** Events about it, in any order. */
  readonly events: readonly KubeObject[];
  /** The last lines of its containers that have ended, by container. */
  readonly logs?: Readonly<Record<string, string>>;
}

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: State;
  readonly lastState?: State;
}
interface State {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly message?: string };
}

const trouble = (what: string, advice?: string): Trouble => (advice ? { what, advice } : { what });

/** Everything that keeps a pod from working, most telling first; empty while it is simply starting. */
export function troubles({ pod, events, logs = {} }: Observed): Trouble[] {
  const statuses: ContainerStatus[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const inContainers = statuses.flatMap((status) => ofContainer(status, events, logs[status.name]));
  if (inContainers.length > 0) return inContainers;
  if (pod.status?.reason === "Evicted") return [trouble(`evicted: ${pod.status.message}`, "free memory or disk on the node")];
  return [...ofScheduling(pod), ...ofMounts(pod, events)];
}

/** The newest message of events with one of these reasons. */
function latest(events: readonly KubeObject[], ...reasons: readonly string[]): string | undefined {
  const time = (event: KubeObject) =>
    event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";
  return events
    .filter(({ reason }) => reasons.includes(reason))
    .sort((a, b) => time(b).localeCompare(time(a)))[0]
    ?.message?.trim();
}

const PULL = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "RegistryUnavailable",
  "ImageInspectError",
]);

function ofContainer(status: ContainerStatus, events: readonly KubeObject[], log: string | undefined): Trouble[] {
  const { name, image, state = {}, lastState } = status;
  const { reason = "", message = "" } = state.waiting ?? {};
  if (PULL.has(reason)) return [pullTrouble(image, reason, latest(events, "Failed", "ErrImageNeverPull") ?? message)];
  if (reason === "CreateContainerConfigError") return [configTrouble(name, message)];
  if (["CreateContainerError", "RunContainerError"].includes(reason)) return [trouble(`container ${name} cannot be started: ${message}`)];
  const ended = state.terminated ?? lastState?.terminated;
  const failed = ended && (ended.exitCode !== 0 || ended.reason === "OOMKilled");
  if (failed && !status.ready) return [crashTrouble(status, ended, log)];
  const probe = latest(about(events, name), "Unhealthy");
  if (state.running && !status.ready && probe)
    return [trouble(`container ${name}: ${probe.split("\n")[0]}`, "see its logs: cloudnova logs")];
  return [];
}

/** Events of one container: their field path names it. */
const about = (events: readonly KubeObject[], container: string) =>
  events.filter(({ involvedObject }) => !involvedObject?.fieldPath || involvedObject.fieldPath.includes(`{${container}}`));

function pullTrouble(image: string, reason: string, detail: string): Trouble {
  if (reason === "InvalidImageName") return trouble(`'${image}' is no name of an image`, "correct it under images: in the environment");
  if (reason === "ErrImageNeverPull")
    return trouble(`image ${image} is not on the node, and may not be pulled`, "load it into the cluster first");
  if (/no space left/i.test(detail)) return trouble(`image ${image} does not fit: no disk space is left on the node`, "free disk space");
  const local = !image.replace(/^docker\.io\/(library\/)?/, "").includes("/") && image.includes("cloudnova");
  const advice = local
    ? "it is the project's own: build it and load it into the cluster, or name a registry's under images:"
    : "check its name, the network, and whether the registry wants a login";
  return trouble(`image ${image} cannot be pulled${detail ? `: ${shorten(detail)}` : ""}`, advice);
}

const shorten = (text: string) => text.replace(/\s+/g, " ").slice(0, 300);

function configTrouble(container: string, message: string): Trouble {
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? [];
  if (name) return missing(kind === "secret" ? "Secret" : "ConfigMap", name.replace(/^.*\//, ""));
  const [, key, where] = /couldn't find key (\S+) in (?:Secret|ConfigMap) (\S+)/.exec(message) ?? [];
  if (key) return trouble(`container ${container} needs the key '${key}' of ${where}, which is not in it`, "add the key");
  if (/runAsNonRoot/.test(message))
    return trouble(`container ${container}: its image runs as root, which its namespace forbids`, "use an image with a numeric user");
  return trouble(`container ${container} cannot be made: ${message}`);
}

function missing(kind: string, name: string): Trouble {
  const born =
    kind === "Secret"
      ? "the Job 'bootstrap' makes it unless the environment names your own: look at that Job, or create yours"
      : "apply again";
  return trouble(`${kind} ${name} is missing`, born);
}

function crashTrouble({ name, restartCount }: ContainerStatus, ended: NonNullable<State["terminated"]>, log = ""): Trouble {
  if (ended.reason === "OOMKilled") {
    return trouble(
      `container ${name} needed more memory than its limit and was ended ${times(restartCount)}`,
      "raise its limit under resources: in the environment",
    );
  }
  const words = (log || ended.message || "").trimEnd().split("\n").slice(-5);
  const said = words.join("") === "" ? "; it printed nothing" : `; its last lines:\n${words.map((text) => `    ${text}`).join("\n")}`;
  return trouble(`container ${name} crashed (exit code ${ended.exitCode}, ${times(restartCount)})${said}`);
}

const times = (count: number) => (count === 1 ? "once" : `${Math.max(count, 1)} times`);

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

function ofScheduling({ status }: KubeObject): Trouble[] {
  const scheduled = (status?.conditions as Condition[] | undefined)?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status !== "False") return [];
  const message = scheduled.message ?? "";
  if (/persistentvolumeclaim "[^"]*" not found/.test(message)) return [trouble(`a volume is missing: ${message}`, "apply again")];
  if (/unbound immediate PersistentVolumeClaims|didn't find available persistent volumes/.test(message)) {
    return [trouble("its volume is pending: no storage class provides one", "see 'cloudnova doctor', and: kubectl get storageclass,pvc")];
  }
  const lack = [...message.matchAll(/Insufficient ([\w/-]+(?:\.[\w/-]+)*)/g)].map(([, what]) => what);
  if (lack.length > 0)
    return [
      trouble(
        `no node has enough ${[...new Set(lack)].join(" and ")} left for its request`,
        "use a larger machine, fewer replicas or smaller requests",
      ),
    ];
  if (/Too many pods/.test(message))
    return [trouble("the node runs as many pods as it may", "raise the kubelet's maxPods, or use another node")];
  if (/had untolerated taint/.test(message)) {
    return [
      trouble(
        `no node takes it: ${shorten(message)}`,
        "a node under memory or disk pressure takes no pods: free some, or remove the taint",
      ),
    ];
  }
  return [trouble(`no node takes it: ${shorten(message)}`)];
}

function ofMounts({ status }: KubeObject, events: readonly KubeObject[]): Trouble[] {
  if (status?.phase !== "Pending") return [];
  const message = latest(events, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox");
  if (!message) return [];
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? [];
  if (name) return [missing(kind === "secret" ? "Secret" : "ConfigMap", name)];
  return [trouble(`the node cannot prepare it: ${shorten(message)}`)];
}

/** Why a controller cannot make pods at all, from its own events and conditions. */
export function controllerTrouble(message: string): Trouble {
  const text = shorten(message).replace(/^Error creating: /, "");
  if (/exceeded quota/.test(message)) return trouble(`a quota refuses its pods: ${text}`, "raise the quota, or ask for less");
  if (/violates PodSecurity/.test(message))
    return trouble(`Pod Security refuses its pods: ${text}`, "the namespace's labels must be those of the manifests: apply again");
  if (/serviceaccount .* not found/.test(message)) return trouble(`its service account is missing: ${text}`, "apply again");
  return trouble(`its pods are refused: ${text}`);
}
