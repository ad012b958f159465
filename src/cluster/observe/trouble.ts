import { application } from "../../messages/application.ts";
import { trouble as words } from "../../messages/trouble.ts";
import { printed } from "../../printed.ts";
import { applicationSecrets } from "../../secrets.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { type Entry, entryOf, outputTrouble, probeTroubleOf } from "./application-trouble.ts";
import { secretKeys } from "./secret-keys.ts";
import type { Trouble } from "./trouble-type.ts";

/** What is known about one pod. */
export interface Observed {
  readonly pod: KubeObject;
  /** Events about it, in any order. */
  readonly events: readonly KubeObject[];
  /** The last lines of its containers that have ended or do not answer their probes, by container. */
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
  const entry = entryOf(pod);
  const inContainers = statuses.flatMap((status) => ofContainer({ ...status, entry, pod, events, log: logs[status.name] ?? "" }));
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

/** A container with all that is known about it. */
interface Contained extends ContainerStatus {
  /** The user's application that it belongs to. */
  readonly entry?: Entry;
  readonly pod: KubeObject;
  /** Events of its pod. */
  readonly events: readonly KubeObject[];
  readonly log: string;
}

function ofContainer(container: Contained): Trouble[] {
  const { ready, state = {}, events, entry, lastState, name, restartCount } = container;
  const waiting = ofWaiting(container);
  if (waiting) return [waiting];
  const probe = latest(about(events, name), "Unhealthy");
  const ended = state.terminated ?? lastState?.terminated;
  if (ended && !ready) {
    if (probe && isKilledByProbe(ended, about(events, name))) return [probeTrouble(container, probe)];
    if (ended.exitCode !== 0 || ended.reason === "OOMKilled") return [crashTrouble(container, ended)];
    // A container of a Job may end without an error; only one that should go on is started again.
    if (entry && state.waiting?.reason === "CrashLoopBackOff")
      return [trouble(application.ended(entry.name, words.times(restartCount)), application.keepRunning(entry.key))];
  }
  if (state.running && !ready && probe) return [probeTrouble(container, probe)];
  return waitsForDatabase(container);
}

/** What the init container waits for that waits until MySQL admits the application, and its SQL files have run (charts/application.ts). */
function waitsForDatabase({ entry, name, state, log }: Contained): Trouble[] {
  const [line = ""] = log.trimEnd().split("\n").slice(-1);
  if (!entry || name !== "database" || !state?.running || line === "") return [];
  return [trouble(application.waitsForDatabase(entry.name, line), application.seeItsJob(printed("status")))];
}

/** Why a container was not even made; undefined when it was. */
function ofWaiting(container: Contained): Trouble | undefined {
  const { reason = "", message = "" } = container.state?.waiting ?? {};
  if (PULL.has(reason)) return pullTrouble(container, reason, latest(telling(container.events), "Failed", "ErrImageNeverPull") ?? message);
  if (reason === "CreateContainerConfigError") return configTrouble(container, message);
  return ["CreateContainerError", "RunContainerError"].includes(reason) ? startTrouble(container, message) : undefined;
}

/** How a program ends that the kubelet stops: by SIGTERM in order, by SIGTERM as a signal, or by SIGKILL. */
const STOPPED: ReadonlySet<number> = new Set([0, 143, 137]);

/** Whether the kubelet stopped a container because a probe failed: then its exit code tells nothing. */
const isKilledByProbe = ({ reason, exitCode }: NonNullable<State["terminated"]>, events: readonly KubeObject[]): boolean =>
  reason !== "OOMKilled" && STOPPED.has(exitCode) && /failed (startup|liveness) probe/.test(latest(events, "Killing") ?? "");

function probeTrouble({ name, entry, log, restartCount }: Contained, message: string): Trouble {
  const [first = ""] = message.split("\n");
  const [, kind = "", answer = ""] = /^(\w+) probe (?:failed|errored)(?::? ?(.*))$/.exec(first) ?? [];
  const known = entry && probeTroubleOf(entry, answer, log);
  const again = restartCount > 0 ? application.restarted(words.times(restartCount)) : "";
  if (known) return trouble(`${known.what}${again}`, known.advice);
  const said = words.probes[kind];
  return trouble(said ? words.probe(name, said, answer) : `${name}: ${first}`, words.seeLogs);
}

function startTrouble({ name, entry }: Contained, message: string): Trouble {
  return (entry && outputTrouble(entry, message)) ?? trouble(words.cannotStart(name, message));
}

/** Events of one container: their field path names it. */
const about = (events: readonly KubeObject[], container: string) =>
  events.filter(({ involvedObject }) => !involvedObject?.fieldPath || involvedObject.fieldPath.includes(`{${container}}`));

function pullTrouble({ image, entry }: Contained, reason: string, detail: string): Trouble {
  if (reason === "InvalidImageName")
    return trouble(words.noImageName(image), entry ? application.writeImage(entry.key) : words.correctImage);
  if (reason === "ErrImageNeverPull") return trouble(words.neverPulled(image), words.loadImage);
  if (/no space left/i.test(detail)) return trouble(words.imageTooLarge(image), words.freeDisk);
  if (/toomanyrequests|429 Too Many Requests|pull rate limit/i.test(detail))
    return trouble(words.notPulled(image, shorten(causeOf(detail))), words.rateLimit);
  if (entry && /no match for platform/i.test(detail)) return trouble(application.otherProcessor(entry.name), application.buildForNode);
  if (entry && image.startsWith(BUILT)) return trouble(words.notPulled(image, ""), application.notBuilt(entry.key, printed("up")));
  if (entry) return trouble(words.notPulled(image, shorten(causeOf(detail))), application.writeImage(entry.key));
  const name = image.replace(/^(docker\.io\/(library\/)?|cloudnova\.local\/)/, "");
  const own = !name.includes("/") && name.includes("cloudnova");
  return trouble(words.notPulled(image, shorten(causeOf(detail))), own ? words.ownImage : words.checkImage);
}

/** What the names of images begin with that `up` builds: no registry has them. */
const BUILT = "cloudnova.local/";

/** Between two attempts the kubelet only repeats that one failed (`Error: ImagePullBackOff`). */
const telling = (events: readonly KubeObject[]) => events.filter(({ message }) => !/^Error: \w+$/.test(message?.trim() ?? ""));

/** What is at the end of a runtime's chain of words: before it each step only says that it failed, and names the image again. */
const causeOf = (detail: string): string =>
  detail.replace(/^(\w+ error: .*? desc = )?([Ff]ailed to [^:"]*("[^"]*")?: (\w+ error: .*? desc = )?)*/, "");

const shorten = (text: string) => text.replace(/\s+/g, " ").slice(0, 300);

function configTrouble({ name: container, entry, pod }: Contained, message: string): Trouble {
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? [];
  if (name) return missing(pod, kind === "secret" ? "Secret" : "ConfigMap", name.replace(/^.*\//, ""));
  const [, key, where] = /couldn't find key (\S+) in (?:Secret|ConfigMap) (\S+)/.exec(message) ?? [];
  if (key) return trouble(words.noKey(container, key, where ?? ""), words.addKey);
  if (entry && /runAsNonRoot/.test(message)) return trouble(application.runsAsRoot(entry.name), application.otherUser(entry.key));
  if (/runAsNonRoot/.test(message)) return trouble(words.runsAsRoot(container), words.numericUser);
  return trouble(words.cannotMake(container, message));
}

function missing(pod: KubeObject, kind: string, name: string): Trouble {
  if (kind !== "Secret") return trouble(words.missing(kind, name), words.applyAgain);
  const entry = entryOf(pod);
  const made: readonly string[] = entry ? Object.values(applicationSecrets(entry.name)) : [];
  const isBrought = entry && !made.includes(name);
  return trouble(
    words.missing(kind, name),
    isBrought ? application.createSecret(pod.metadata.namespace ?? "", name, secretKeys(pod, name).join(" ")) : words.generatedSecret,
  );
}

function crashTrouble({ name, restartCount, entry, log }: Contained, ended: NonNullable<State["terminated"]>): Trouble {
  if (ended.reason === "OOMKilled") {
    return trouble(words.outOfMemory(name, words.times(restartCount)), entry ? application.raiseMemory(entry.key) : words.raiseLimit);
  }
  const text = log || ended.message || "";
  const known = entry && outputTrouble(entry, text);
  const lines = text.trimEnd().split("\n").slice(-5);
  const said = lines.join("") === "" ? words.emptyLog : [words.lastLines, ...lines.map((line) => `    ${line}`)].join("\n");
  const crashed = `${words.crashed(name, ended.exitCode, words.times(restartCount))}${said}`;
  return known ? trouble(`${known.what}\n    ${crashed}`, known.advice) : trouble(crashed);
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

function ofMounts(pod: KubeObject, events: readonly KubeObject[]): Trouble[] {
  const { status, spec } = pod;
  if (status?.phase !== "Pending") return [];
  const message = latest(events, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox");
  if (!message) return [];
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/.exec(message) ?? [];
  if (name) return [missing(pod, kind === "secret" ? "Secret" : "ConfigMap", name)];
  const [, volume, key] = /volume "([^"]+)" : references non-existent secret key: (\S+)/.exec(message) ?? [];
  const secret = spec?.volumes?.find((one: { name: string }) => one.name === volume)?.secret?.secretName;
  if (key && secret) return [trouble(words.lacksKey(secret, key), words.generatedKey)];
  return [trouble(words.notPrepared(shorten(message)))];
}

/** Why a controller cannot make pods at all, from its own events and conditions. @param entry the user's application that it runs */
export function controllerTrouble(message: string, entry?: Entry): Trouble {
  const text = shorten(message).replace(/^Error creating: /, "");
  if (/exceeded quota/.test(message)) return trouble(words.quota(text), words.raiseQuota);
  if (/violates PodSecurity/.test(message))
    return trouble(words.podSecurity(text), entry ? application.podSecurity(entry.key) : words.namespaceLabels);
  if (/serviceaccount .* not found/.test(message)) return trouble(words.noAccount(text), words.applyAgain);
  return trouble(words.podsRefused(text));
}
