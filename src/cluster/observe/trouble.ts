import { trouble as words } from "../../messages/trouble.ts";
import type { KubeObject } from "../objects/kube-object.ts";

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
  if (pod.status?.reason === "Evicted") return [trouble(words.evicted(pod.status.message), words.freeNode)];
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
  if (PULL.has(reason)) return [pullTrouble(image, reason, latest(telling(events), "Failed", "ErrImageNeverPull") ?? message)];
  if (reason === "CreateContainerConfigError") return [configTrouble(name, message)];
  if (["CreateContainerError", "RunContainerError"].includes(reason)) return [trouble(words.cannotStart(name, message))];
  const ended = state.terminated ?? lastState?.terminated;
  const failed = ended && (ended.exitCode !== 0 || ended.reason === "OOMKilled");
  if (failed && !status.ready) return [crashTrouble(status, ended, log)];
  const probe = latest(about(events, name), "Unhealthy");
  if (state.running && !status.ready && probe) return [probeTrouble(name, probe)];
  return [];
}

function probeTrouble(container: string, message: string): Trouble {
  const [first = ""] = message.split("\n");
  const [, kind = "", answer = ""] = /^(\w+) probe (?:failed|errored)(?::? ?(.*))$/.exec(first) ?? [];
  const said = words.probes[kind];
  return trouble(said ? words.probe(container, said, answer) : `${container}: ${first}`, words.seeLogs);
}

/** Events of one container: their field path names it. */
const about = (events: readonly KubeObject[], container: string) =>
  events.filter(({ involvedObject }) => !involvedObject?.fieldPath || involvedObject.fieldPath.includes(`{${container}}`));

function pullTrouble(image: string, reason: string, detail: string): Trouble {
  if (reason === "InvalidImageName") return trouble(words.noImageName(image), words.correctImage);
  if (reason === "ErrImageNeverPull") return trouble(words.neverPulled(image), words.loadImage);
  if (/no space left/i.test(detail)) return trouble(words.imageTooLarge(image), words.freeDisk);
  if (/toomanyrequests|429 Too Many Requests|pull rate limit/i.test(detail))
    return trouble(words.notPulled(image, shorten(causeOf(detail))), words.rateLimit);
  const name = image.replace(/^(docker\.io\/(library\/)?|cloudnova\.local\/)/, "");
  const own = !name.includes("/") && name.includes("cloudnova");
  return trouble(words.notPulled(image, shorten(causeOf(detail))), own ? words.ownImage : words.checkImage);
}

/** Between two attempts the kubelet only repeats that one failed (`Error: ImagePullBackOff`). */
const telling = (events: readonly KubeObject[]) => events.filter(({ message }) => !/^Error: \w+$/.test(message?.trim() ?? ""));

/** What is at the end of a runtime's chain of words: before it each step only says that it failed, and names the image again. */
const causeOf = (detail: string): string =>
  detail.replace(/^(\w+ error: .*? desc = )?([Ff]ailed to [^:"]*("[^"]*")?: (\w+ error: .*? desc = )?)*/, "");

const shorten = (text: string) => text.replace(/\s+/g, " ").slice(0, 300);

function configTrouble(container: string, message: string): Trouble {
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? [];
  if (name) return missing(kind === "secret" ? "Secret" : "ConfigMap", name.replace(/^.*\//, ""));
  const [, key, where] = /couldn't find key (\S+) in (?:Secret|ConfigMap) (\S+)/.exec(message) ?? [];
  if (key) return trouble(words.noKey(container, key, where ?? ""), words.addKey);
  if (/runAsNonRoot/.test(message)) return trouble(words.runsAsRoot(container), words.numericUser);
  return trouble(words.cannotMake(container, message));
}

function missing(kind: string, name: string): Trouble {
  return trouble(words.missing(kind, name), kind === "Secret" ? words.generatedSecret : words.applyAgain);
}

function crashTrouble({ name, restartCount }: ContainerStatus, ended: NonNullable<State["terminated"]>, log = ""): Trouble {
  if (ended.reason === "OOMKilled") return trouble(words.outOfMemory(name, words.times(restartCount)), words.raiseLimit);
  const lines = (log || ended.message || "").trimEnd().split("\n").slice(-5);
  const said = lines.join("") === "" ? words.emptyLog : [words.lastLines, ...lines.map((text) => `    ${text}`)].join("\n");
  return trouble(`${words.crashed(name, ended.exitCode, words.times(restartCount))}${said}`);
}

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
  if (/persistentvolumeclaim "[^"]*" not found/.test(message)) return [trouble(words.volumeMissing(message), words.applyAgain)];
  if (/unbound immediate PersistentVolumeClaims|didn't find available persistent volumes/.test(message)) {
    return [trouble(words.volumePending, words.seeStorage)];
  }
  const lack = [...message.matchAll(/Insufficient ([\w/-]+(?:\.[\w/-]+)*)/g)].map(([, what = ""]) => words.resources[what] ?? what);
  if (lack.length > 0) return [trouble(words.tooLittle([...new Set(lack)]), words.smaller)];
  if (/Too many pods/.test(message)) return [trouble(words.fullNode, words.morePods)];
  return [trouble(words.noNode(shorten(message)), /had untolerated taint/.test(message) ? words.taint : undefined)];
}

function ofMounts({ status, spec }: KubeObject, events: readonly KubeObject[]): Trouble[] {
  if (status?.phase !== "Pending") return [];
  const message = latest(events, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox");
  if (!message) return [];
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? [];
  if (name) return [missing(kind === "secret" ? "Secret" : "ConfigMap", name)];
  const [, volume, key] = /volume "([^"]+)" : references non-existent secret key: (\S+)/.exec(message) ?? [];
  const secret = spec?.volumes?.find((one: { name: string }) => one.name === volume)?.secret?.secretName;
  if (key && secret) return [trouble(words.lacksKey(secret, key), words.generatedKey)];
  return [trouble(words.notPrepared(shorten(message)))];
}

/** Why a controller cannot make pods at all, from its own events and conditions. */
export function controllerTrouble(message: string): Trouble {
  const text = shorten(message).replace(/^Error creating: /, "");
  if (/exceeded quota/.test(message)) return trouble(words.quota(text), words.raiseQuota);
  if (/violates PodSecurity/.test(message)) return trouble(words.podSecurity(text), words.namespaceLabels);
  if (/serviceaccount .* not found/.test(message)) return trouble(words.noAccount(text), words.applyAgain);
  return trouble(words.podsRefused(text));
}
