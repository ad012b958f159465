import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type KubeObject, manifestFiles, nameOf, parseManifests, readManifests } from "../common/manifests.ts";
import { output } from "../common/run.ts";
import { RIVAL } from "./goals.ts";
import type { Contestant } from "./measure.ts";

/** `kubectl kustomize` over a folder that holds manifests and a Kustomization. */
export const kustomize = (kubectl: string, folder: string): Contestant => ({
  name: RIVAL,
  command: kubectl,
  args: ["kustomize", folder],
});

/** `helm template` of a chart. */
export const helmTemplate = (helm: string, chart: string): Contestant => ({
  name: "helm template",
  command: helm,
  args: ["template", "cloudnova", chart],
});

/** Text that Helm's templates give back as it is: manifests hold `{{ … }}` of Prometheus and Grafana. */
export const escapeTemplate = (text: string): string => text.replaceAll("{{", '{{ "{{" }}');

/** Writes a chart into `chart` whose templates give back the manifests of `folder`. */
export async function writeChart(chart: string, folder: string): Promise<void> {
  await mkdir(join(chart, "templates"), { recursive: true });
  await writeFile(join(chart, "Chart.yaml"), "apiVersion: v2\nname: cloudnova\nversion: 0.0.0\n");
  for (const file of manifestFiles(folder)) {
    const parts = inParts(escapeTemplate(await readFile(join(folder, file), "utf8")));
    for (const [index, part] of parts.entries()) await writeFile(join(chart, "templates", `${index}-${file}`), part);
  }
}

/** Helm refuses a template of more than 5 MiB; characters are bytes here, but for a few. */
const LARGEST_TEMPLATE = 4 * 1024 ** 2;

/** A file's objects in as many files as Helm needs. */
function inParts(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (const object of text.split(/^---$/m)) {
    if (part.length + object.length > LARGEST_TEMPLATE) {
      parts.push(part);
      part = "";
    }
    part += `---${object}`;
  }
  return [...parts, part];
}

/**
 * Makes sure that a rival gives the same objects as our synth: otherwise the comparison would be worth nothing.
 *
 * @throws Error that names the first object that differs
 */
export async function sameOutput({ name, command, args }: Contestant, folder: string): Promise<void> {
  const stdout = await output(command, args);
  const byName = (objects: readonly KubeObject[]) => new Map(objects.map((object) => [nameOf(object), object]));
  const theirs = byName(parseManifests(name, stdout).map(({ object }) => object));
  const ours = byName(readManifests(folder).map(({ object }) => object));
  const differs = [...ours].find(([key, object]) => !isDeepStrictEqual(theirs.get(key), object));
  if (differs) throw new Error(`${name} gives another ${differs[0]} than our synth: the comparison would be worth nothing`);
  if (theirs.size !== ours.size) throw new Error(`${name} gives ${theirs.size} objects, our synth ${ours.size}`);
}
