import type { Stage } from "./stage.ts";

/** What a person would look at first. */
const LOOKS: readonly (readonly string[])[] = [
  ["get", "pods", "--all-namespaces", "--output", "wide"],
  [
    "get",
    "endpointslices",
    "--namespace=cloudnova",
    "--selector=kubernetes.io/service-name=webapp",
    "--output=jsonpath-as-json={.items[*].endpoints}",
  ],
  ["get", "events", "--all-namespaces", "--sort-by=.lastTimestamp"],
];
const RECENT = ["--since=3m", "--tail=-1"];
/** Why the application refused what it refused, in what is left of its pods. */
const REFUSALS = ["logs", "--selector=app.kubernetes.io/name=webapp", "--namespace=cloudnova", "--container=webapp"];
/** Which pod answered what was refused, also one that is gone: Traefik's access log. */
const ACCESS = ["logs", "deployment/traefik", "--namespace=cloudnova"];
const LAST_LINES = 40;
const LOG_LINES = 12;

/** What a line says; nothing where it is no JSON: a line that was cut off when the disk was full too. */
function entryIn(line: string): Record<string, unknown> {
  try {
    return line.startsWith("{") ? JSON.parse(line) : {};
  } catch {
    return {};
  }
}

/**
 * The lines of Traefik's access log with a status above 399, each in a short form: when, what was asked, the answer, and which pod's
 * address gave which status after how long. `no pod was asked` where Traefik itself answered: no ready endpoint, or the rate limit.
 */
export function refused(accessLog: string): string[] {
  return accessLog.split("\n").flatMap((line) => {
    const entry = entryIn(line);
    if (!(Number(entry.DownstreamStatus) > 399)) return [];
    const pod = entry.ServiceAddr ? `${entry.ServiceAddr} answered ${entry.OriginStatus}` : "no pod was asked";
    const ms = (Number(entry.Duration) / 1e6).toFixed(0);
    return [`${entry.StartUTC} ${entry.RequestMethod} ${entry.RequestPath} → ${entry.DownstreamStatus} after ${ms} ms (${pod})`];
  });
}

/** The lines of the application's log that are warnings or worse, and those of requests that took a second or longer. */
export const noteworthy = (log: string): string[] =>
  log.split("\n").filter((line) => !/"level": ?"info"/.test(line) || /"duration_ms": ?\d{4,}/.test(line));

/** Prints the cluster's state to standard error, as far as it still answers. */
export async function showState(stage: Stage): Promise<void> {
  const show = (title: string, text: string) =>
    process.stderr.write(`\n--- ${title}\n${text.trimEnd().split("\n").slice(-LAST_LINES).join("\n")}\n`);
  const tried = (asked: Promise<string>) => asked.catch((error: Error) => `no answer: ${error.message}`);
  for (const look of LOOKS) show(`kubectl ${look.join(" ")}`, await tried(stage.kubectl(...look)));
  const told = await tried(stage.kubectl(...REFUSALS, "--prefix", ...RECENT));
  show("what the web app warned of, and its answers that took a second or longer", noteworthy(told).join("\n"));
  show("what Traefik answered with 4xx and 5xx", refused(await tried(stage.kubectl(...ACCESS, ...RECENT))).join("\n") || "nothing");
  const status = await stage.cloudnova("status");
  show("cloudnova status", `${status.stdout}${status.stderr}`);
  const pods = await stage.everyPod().catch(() => []);
  for (const { name, namespace } of pods.filter(({ ready }) => !ready)) {
    const logs = ["logs", name, "--namespace", namespace, "--all-containers", "--prefix", `--tail=${LOG_LINES}`];
    show(`kubectl ${logs.join(" ")}`, await tried(stage.kubectl(...logs)));
  }
}
