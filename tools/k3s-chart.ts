import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { parse, stringify } from "yaml";
import { allEnvironments } from "../src/environments.ts";
import { K3S_VERSION } from "../src/versions.ts";
import { synthesise } from "./common/environments.ts";
import { type KubeObject, parseManifests, readManifests } from "./common/manifests.ts";
import { withProgress } from "./common/progress.ts";
import { repositoryRoot } from "./common/root.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { CHECKED_FILE, type Checked, drift, LETS_ENCRYPT } from "./k3s-chart/checked.ts";
import { unmet } from "./k3s-chart/rely.ts";
import { bring, fromInternet, fromServer, helmValues, type K3sTraefik, render } from "./k3s-chart/source.ts";
import { namedPart, pathsOf, type Values, without } from "./k3s-chart/values.ts";
import { ensure } from "./toolchain/ensure.ts";

interface Options {
  readonly server?: string;
  readonly write?: boolean;
}

const command = new Command("k3s-chart")
  .description(
    `Renders the Traefik chart of k3s ${K3S_VERSION} by Helm, with k3s' own values and our HelmChartConfig, and checks what we rely on. Nothing runs.`,
  )
  .option("--server <folder>", "take chart and values from a k3s server's folder instead of the internet: /var/lib/rancher/k3s/server")
  .option("--write", `write the chart's version and the paths of our values into ${CHECKED_FILE}, when all else holds`)
  .action(check);

/** An environment's objects, and the values that they give k3s' Traefik. */
interface OnK3s {
  readonly name: string;
  readonly objects: readonly KubeObject[];
  readonly ours: Values;
}

async function check({ server, write }: Options): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const environments = (await synthesise([...allEnvironments(), LETS_ENCRYPT], join(folder, "dist"))).flatMap(
      ({ name, folder: at }): OnK3s[] => {
        const objects = readManifests(at).map(({ object }) => object);
        const config = objects.find(({ kind, metadata }) => kind === "HelmChartConfig" && metadata.name === "traefik");
        return config ? [{ name, objects, ours: parse((config.spec as { valuesContent: string }).valuesContent) as Values }] : [];
      },
    );
    const traefik = await withProgress("k3s' chart and values", "", () =>
      bring(server ? fromServer(server) : fromInternet(K3S_VERSION), folder),
    );
    const helm = join(await ensure("helm"), "helm");
    const faults = new Map<string, string[]>();
    for (const environment of environments) {
      for (const fault of await judge(helm, traefik, environment, folder))
        faults.set(fault, [...(faults.get(fault) ?? []), environment.name]);
    }
    const lines = [...faults].map(([fault, names]) => `${fault} (${names.join(", ")})`);
    const chart = parse(await helmValues(helm, traefik.chart)) as Values;
    const now: Checked = { k3s: K3S_VERSION, chart: traefik.version, values: namedParts(environments, chart) };
    const path = join(repositoryRoot(), CHECKED_FILE);
    if (write && lines.length === 0) await writeFile(path, `${JSON.stringify(now, null, 2)}\n`);
    lines.push(...drift(JSON.parse(await readFile(path, "utf8")), now));
    for (const line of lines) console.log(`✖ ${line}`);
    const subject = `Traefik chart ${traefik.version} with the values of ${environments.map(({ name }) => name).join(", ")}`;
    console.log(lines.length === 0 ? `✔ ${subject}: everything that we rely on holds` : `${lines.length} faults: ${subject}`);
    process.exitCode = lines.length === 0 ? 0 : 1;
  });
}

/** Every path that an environment sets, with the part that the chart's values name. */
function namedParts(environments: readonly OnK3s[], chart: Values): Record<string, string> {
  const paths = [...new Set(environments.flatMap(({ ours }) => pathsOf(ours)))].sort();
  return Object.fromEntries(paths.map((path) => [path, namedPart(chart, path)]));
}

async function judge(helm: string, traefik: K3sTraefik, { objects, ours }: OnK3s, folder: string): Promise<string[]> {
  const kubernetes = K3S_VERSION.replace(/\+.*/, "");
  const rendered = (values: Values) => render(helm, traefik, stringify(values), kubernetes, folder);
  const whole = await rendered(ours);
  const faults = unmet(
    parseManifests("traefik", whole).map(({ object }) => object),
    ours as unknown as Parameters<typeof unmet>[1],
    objects,
  );
  // Helm ignores a value that the chart does not know: k3s packs the chart without its schema.
  for (const path of pathsOf(ours)) {
    if ((await rendered(without(ours, path))) === whole)
      faults.push(`the value ${path} changes nothing in what the chart makes: the chart has another name for it, or none`);
  }
  return faults;
}

await command.parseAsync().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
