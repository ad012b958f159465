import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Synthesis, synthesise } from "../charts/synth.ts";
import { loadEnvironment, parseEnvironment } from "../src/config/load.ts";
import { allEnvironments } from "../src/environments.ts";

/** A Kubernetes object as a manifest holds it; what a test reads of it. */
// biome-ignore lint/suspicious/noExplicitAny: manifests are data of many kinds; each test says what it expects of them
export type Manifest = any;

/** The shipped environments, by file. */
export const SHIPPED = allEnvironments();

/** The objects of a synthesis, read back from its YAML as a cluster would. */
export function manifestsOf({ files }: Synthesis): Manifest[] {
  return [...files]
    .filter(([file]) => file.endsWith(".yaml"))
    .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS()));
}

/** Synthesises an environment file of the repository. */
export const synthesiseFile = (file: string): Synthesis => synthesise(loadEnvironment(file));

/** Synthesises an environment given as text. */
export const synthesiseText = (text: string, name = "trial"): Synthesis =>
  synthesise(parseEnvironment(text, join("environments", `${name}.yaml`)));

/** A pod's spec with the object that makes such pods. */
export interface Pods {
  readonly owner: Manifest;
  readonly metadata: Manifest;
  readonly spec: Manifest;
}

/** Every pod template in the manifests. */
export function podsOf(manifests: readonly Manifest[]): Pods[] {
  return manifests.flatMap((owner) => {
    const template = owner.spec?.jobTemplate?.spec.template ?? owner.spec?.template;
    return template?.spec ? [{ owner, metadata: template.metadata, spec: template.spec }] : [];
  });
}

/** All containers of a pod, init containers first. */
export const containersOf = ({ spec }: Pods): Manifest[] => [...(spec.initContainers ?? []), ...spec.containers];

/** The object of a kind and name; fails when there is none. */
export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name} among ${manifests.map((one) => `${one.kind}/${one.metadata.name}`).join(", ")}`);
  return found;
}
