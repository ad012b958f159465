import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Canary, canariesOf, formsOf, leaksIn, type Place } from "../suite/leaks.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";

/** Where the environment's own Secrets are. */
const NAMESPACES = ["cloudnova", "cloudnova-host"];
/** The volumes of local-path-provisioner in the node: backups, MySQL's files, Prometheus' and Alertmanager's. */
const VOLUMES = "/var/local-path-provisioner";
/** What the command line says about a cluster. */
const COMMANDS = ["status", "diff", "doctor", "logs", "backup list"];
/** Pages of the application that say that something is wrong. */
const PAGES = ["/nope", "/users?cursor=x", "/users/0/edit", "/api/v1/users/0", "/debug/error?status=500", "/readyz", "/metrics"];
/** A value that is planted where it must be found. */
const PLANTED = "leak-canary";

/** What the API server shows to who may not read Secrets. */
async function inCluster(stage: Stage, namespaces: readonly string[]): Promise<Place[]> {
  const pods: string[] = [];
  const places: Place[] = [];
  for (const namespace of namespaces) {
    const names = await stage.kubectl("get", "pods", "--namespace", namespace, "--output", "name");
    pods.push(
      ...names
        .trim()
        .split("\n")
        .map((name) => `${namespace} ${name}`),
    );
    for (const kinds of ["configmaps", "all,ingresses,networkpolicies,persistentvolumeclaims,serviceaccounts"]) {
      const text = await stage.kubectl("get", kinds, "--namespace", namespace, "--output", "json");
      places.push({ name: `${kinds} of ${namespace}`, text });
    }
    for (const kinds of ["events", "secrets"]) {
      places.push({
        name: `kubectl describe ${kinds} in ${namespace}`,
        text: await stage.kubectl("describe", kinds, "--namespace", namespace),
      });
    }
    places.push({ name: `kubectl describe all in ${namespace}`, text: await stage.kubectl("describe", "all", "--namespace", namespace) });
  }
  for (const pod of pods) {
    const [namespace = "", name = ""] = pod.split(" ");
    const text = await stage.kubectl("logs", name, "--namespace", namespace, "--all-containers", "--tail=-1");
    places.push({ name: `the log of ${pod}`, text });
  }
  return places;
}

/** What Prometheus has of all targets: every series of them, with its labels, and its configuration. */
async function inMetrics(stage: Stage): Promise<Place[]> {
  const paths = [`series?match[]=${encodeURIComponent('{__name__!=""}')}`, "targets?state=any", "status/config", "rules"];
  return Promise.all(paths.map(async (path) => ({ name: `Prometheus' ${path}`, text: JSON.stringify(await stage.prometheus(path)) })));
}

/** What the command line and the application show, and the manifests. */
async function outside(stage: Stage): Promise<Place[]> {
  const { dist } = stage.environment;
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const places = files.map(({ parentPath, name }) => ({
    name: join(parentPath, name),
    text: readFileSync(join(parentPath, name), "utf8"),
  }));
  for (const command of COMMANDS) {
    const { stdout, stderr } = await stage.cloudnova(command);
    places.push({ name: `cloudnova ${command}`, text: `${stdout}${stderr}` });
  }
  const evidence = join(dist, "..", "evidence.html");
  await stage.cloudnova("evidence", "--out", evidence);
  places.push({ name: "cloudnova evidence", text: readFileSync(evidence, "utf8") });
  for (const path of PAGES) places.push({ name: `the page ${path}`, text: JSON.stringify(await stage.load.page(path)) });
  return places;
}

/** The files on the volumes that hold one of the values. */
async function onVolumes(stage: Stage, canaries: readonly Canary[]): Promise<string[]> {
  const input = canaries.flatMap(({ value }) => formsOf(value)).join("\n");
  const found = await stage.inNode(`grep --recursive --files-with-matches --text --fixed-strings --file=- ${VOLUMES} || [ $? = 1 ]`, input);
  return found.split("\n").filter(Boolean);
}

/**
 * Looks for the values of the Secrets of these namespaces everywhere. One more is planted in each of them, and has to be found.
 *
 * @param applications namespaces of applications beside the environment's own @throws Error with what was found
 */
export async function searchLeaks(stage: Stage, applications: readonly string[] = []): Promise<string> {
  const namespaces = [...NAMESPACES, ...applications];
  const secrets = await Promise.all(
    namespaces.map(
      async (namespace) => JSON.parse(await stage.kubectl("get", "secrets", "--namespace", namespace, "--output", "json")).items,
    ),
  );
  const canaries = canariesOf(secrets.flat());
  for (const namespace of ["cloudnova", ...applications]) {
    if (!canaries.some(({ name }) => name.startsWith(`${namespace}/`))) throw new Error(`${namespace} has no Secret to look for`);
  }
  if (canaries.length < 10) throw new Error(`only ${canaries.length} values of Secrets are there to look for`);

  const planted = { name: PLANTED, value: randomBytes(24).toString("base64url") };
  const backups = (await stage.inNode(`find ${VOLUMES} -name '*.cnb'`)).split("\n").filter(Boolean).length;
  if (backups === 0) throw new Error("no backup is on a volume to look into");
  const folder = (await stage.inNode(`ls -d ${VOLUMES}/*prometheus* | head -1`)).trim();
  const encoded = Buffer.from(`user:${planted.value}`).toString("base64");
  try {
    for (const namespace of namespaces)
      await stage.kubectl("create", "configmap", PLANTED, "--namespace", namespace, `--from-literal=header=Basic ${encoded}`);
    await stage.inNode(`cat > ${folder}/${PLANTED}`, encodeURIComponent(planted.value));
    // One after the other: the commands' own Jobs come and go, and kubectl fails when one goes while it reads.
    const places = [...(await inCluster(stage, namespaces)), ...(await inMetrics(stage)), ...(await outside(stage))];
    const empty = places.filter(({ text }) => text.length === 0).map(({ name }) => name);
    const wanted = namespaces.map((namespace) => `${PLANTED} is in configmaps of ${namespace}`);
    expect("what is found of the planted value", leaksIn(places, [planted]), wanted);
    expect("files with the planted value", await onVolumes(stage, [planted]), [`${folder}/${PLANTED}`]);
    expect("values of Secrets that are found", leaksIn(places, canaries), []);
    expect("files with a value of a Secret", await onVolumes(stage, canaries), []);
    const bytes = places.reduce((sum, { text }) => sum + text.length, 0);
    return `${canaries.length} values in ${places.length} texts of ${(bytes / 2 ** 20).toFixed(1)} MiB, ${empty.length} of them empty, and on all volumes with ${backups} backups: none found; those planted in ${namespaces.length} namespaces were found`;
  } finally {
    for (const namespace of namespaces) await stage.kubectl("delete", "configmap", PLANTED, "--namespace", namespace, "--ignore-not-found");
    await stage.inNode(`rm -f ${folder}/${PLANTED}`);
  }
}

export const NO_LEAKS: Step = {
  name: "no Secret leaks",
  expects:
    "no value of a Secret is in a log, an event, a metric, a manifest, an output, a page or on a volume; one that is planted is found",
  run: (stage) => searchLeaks(stage),
};
