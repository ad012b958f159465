import type { Stage } from "./stage.ts";

/** What a person would look at first. */
const LOOKS: readonly (readonly string[])[] = [
  ["get", "pods", "--all-namespaces", "--output", "wide"],
  ["get", "events", "--all-namespaces", "--sort-by=.lastTimestamp"],
];
/** Why the application refused what it refused, in what is left of its pods. */
const REFUSALS = ["logs", "--selector=app.kubernetes.io/name=webapp", "--namespace=cloudnova", "--container=webapp"];
const LAST_LINES = 40;
const LOG_LINES = 12;

/** Prints the cluster's state to standard error, as far as it still answers. */
export async function showState(stage: Stage): Promise<void> {
  const show = (title: string, text: string) =>
    process.stderr.write(`\n--- ${title}\n${text.trimEnd().split("\n").slice(-LAST_LINES).join("\n")}\n`);
  const tried = (asked: Promise<string>) => asked.catch((error: Error) => `no answer: ${error.message}`);
  for (const look of LOOKS) show(`kubectl ${look.join(" ")}`, await tried(stage.kubectl(...look)));
  const told = await tried(stage.kubectl(...REFUSALS, "--prefix", "--since=3m", "--tail=-1"));
  show(
    "what the web app warned of",
    told
      .split("\n")
      .filter((line) => !/"level": ?"info"/.test(line))
      .join("\n"),
  );
  const status = await stage.cloudnova("status");
  show("cloudnova status", `${status.stdout}${status.stderr}`);
  const pods = await stage.everyPod().catch(() => []);
  for (const { name, namespace } of pods.filter(({ ready }) => !ready)) {
    const logs = ["logs", name, "--namespace", namespace, "--all-containers", "--prefix", `--tail=${LOG_LINES}`];
    show(`kubectl ${logs.join(" ")}`, await tried(stage.kubectl(...logs)));
  }
}
