import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { run } from "../common/run.ts";
import type { Values } from "./values.ts";

/** k3s' Traefik, as one version of k3s installs it. */
export interface K3sTraefik {
  /** The chart's archive. */
  readonly chart: string;
  /** The chart's version, for instance 39.0.701+up39.0.7: k3s' own number, and upstream's. */
  readonly version: string;
  /** k3s' values (YAML), and those that it passes by `--set-string`. */
  readonly valuesContent: string;
  readonly set: Readonly<Record<string, string>>;
}

/** Brings one file of k3s. @throws Error in words when it cannot be fetched */
export type Obtain = (path: "manifest" | { readonly chart: string }, into: string) => Promise<void>;

const TIMEOUT_SECONDS = 60;

/**
 * From the internet: the manifest of k3s' repository at the version's tag, and the chart that its build downloads (scripts/download there).
 *
 * @param sources addresses of both; a test has its own
 * @throws Error that names the address and what curl says
 */
export function fromInternet(
  k3s: string,
  sources = { manifests: "https://raw.githubusercontent.com/k3s-io/k3s", charts: "https://k3s.io/k3s-charts/assets/traefik" },
): Obtain {
  return async (what, into) => {
    const url =
      what === "manifest"
        ? `${sources.manifests}/${encodeURIComponent(k3s)}/manifests/traefik.yaml`
        : `${sources.charts}/${encodeURIComponent(what.chart)}`;
    // curl, not fetch: it goes through the proxy that the machine has.
    const { status, missing, words } = await run("curl", ["-sSfL", "--max-time", String(TIMEOUT_SECONDS), "--output", into, url]);
    if (missing) throw new Error("curl is missing: install it");
    if (status !== 0)
      throw new Error(
        `${what === "manifest" ? `k3s' Traefik manifest of ${k3s}` : "k3s' Traefik chart"} could not be fetched, so nothing was checked: ${url}: ${words}\n` +
          "  → run this where that address can be reached, or on a k3s machine: npm run k3s-chart -- --server /var/lib/rancher/k3s/server",
      );
  };
}

/** From a running k3s' own folder, usually /var/lib/rancher/k3s/server. @throws Error that names the file */
export function fromServer(server: string): Obtain {
  return async (what, into) => {
    const path = what === "manifest" ? join(server, "manifests/traefik.yaml") : join(server, "static/charts", what.chart);
    await copyFile(path, into).catch(({ message }: Error) => {
      throw new Error(`${message}\n  → --server wants the folder of a k3s server that runs Traefik, and root to read it`);
    });
  };
}

/**
 * Brings chart and values into `folder`.
 *
 * @throws Error when one cannot be fetched, or the manifest is not of the form that this was written for
 */
export async function bring(obtain: Obtain, folder: string): Promise<K3sTraefik> {
  const manifest = join(folder, "traefik.yaml");
  await obtain("manifest", manifest);
  const { archive, ...rest } = readManifest(await readFile(manifest, "utf8"));
  const chart = join(folder, archive);
  await obtain({ chart: archive }, chart);
  return { chart, ...rest };
}

/** The HelmChart named traefik in k3s' manifest. */
export function readManifest(text: string): Omit<K3sTraefik, "chart"> & { readonly archive: string } {
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  const spec = objects.find((one) => one?.kind === "HelmChart" && one.metadata.name === "traefik")?.spec;
  const archive = decodeURIComponent(basename(String(spec?.chart)));
  const version = /^traefik-(\d.*)\.tgz$/.exec(archive)?.[1];
  if (!version)
    throw new Error("k3s' manifests/traefik.yaml names no chart traefik-VERSION.tgz: it is not of the form that this was written for");
  // k3s replaces %{…}% by its own settings when it starts; an empty registry is the default.
  const set = Object.entries((spec.set ?? {}) as Values).map(([key, value]) => [key, String(value).replace(/^%\{.*\}%$/, "")]);
  return { archive, version, valuesContent: String(spec.valuesContent ?? ""), set: Object.fromEntries(set) };
}

/** The chart's own values.yaml. */
export async function helmValues(helm: string, chart: string): Promise<string> {
  return must(helm, ["show", "values", chart]);
}

/** Renders the chart as k3s' Helm controller installs it: its values first, those of the HelmChartConfig after them. */
export async function render(helm: string, traefik: K3sTraefik, ours: string, kubernetes: string, folder: string): Promise<string> {
  const files = [join(folder, "k3s-values.yaml"), join(folder, "our-values.yaml")] as const;
  await Promise.all([writeFile(files[0], traefik.valuesContent), writeFile(files[1], ours)]);
  const sets = Object.entries(traefik.set).flatMap(([key, value]) => ["--set-string", `${key}=${value}`]);
  const values = files.flatMap((file) => ["--values", file]);
  return must(helm, ["template", "traefik", traefik.chart, "--namespace", "kube-system", "--kube-version", kubernetes, ...values, ...sets]);
}

async function must(helm: string, args: readonly string[]): Promise<string> {
  const { stdout, status, words } = await run(helm, args);
  if (status !== 0) throw new Error(`helm ${args.slice(0, 2).join(" ")} failed: ${words}`);
  return stdout;
}
