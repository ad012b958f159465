import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CORE_SCHEMA, loadAll, YAMLException } from "js-yaml";
import { cluster as words } from "../../messages/cluster.ts";
import { isYamlFile } from "../../yaml.ts";
import { ClusterError } from "../cluster-error.ts";
import { type KubeObject, keyOf, nameOf, refOf } from "./kube-object.ts";

/** What `synth` wrote for an environment. */
export interface Source {
  /** Stands for the files' whole content: the same digest, the same manifests. */
  readonly digest: string;
  /** The environment's namespace: the first one in its files. */
  readonly namespace: string;
  /** All objects, files by name and documents in their order. @throws ClusterError when something is no object */
  objects(): KubeObject[];
}

/**
 * Opens a folder of manifests. They are parsed when they are asked for: an `apply` that finds nothing changed never asks.
 *
 * @throws ClusterError when there is nothing to read, or no namespace in it
 */
export function openManifests(folder: string): Source {
  const files = filesIn(folder).map((name) => ({ file: join(folder, name), text: readFileSync(join(folder, name), "utf8") }));
  const digest = createHash("sha256").update(JSON.stringify(files.map(({ text }) => text)));
  let all: KubeObject[] | undefined;
  const namespace = files
    .filter(({ text }) => /^kind: Namespace$/m.test(text))
    .flatMap(({ file, text }) => parseManifests(text, file))
    .find(({ kind }) => kind === "Namespace");
  if (!namespace) throw new ClusterError(words.noNamespace(folder), words.synth(basename(folder)));
  return {
    digest: digest.digest("base64url"),
    namespace: namespace.metadata.name,
    objects() {
      all ??= refuseDuplicates(files.map(({ file, text }) => [file, parseManifests(text, file)]));
      return all;
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(isYamlFile).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? words.noFolder : words.cannotRead(code ?? "");
    throw new ClusterError(`${folder}: ${why}`, words.synthFirst(basename(folder)));
  }
}

/** The names of the namespaces that manifests bring: the environment's, node-exporter's, and one for each of the user's applications. */
export const namespacesIn = (objects: readonly KubeObject[]): string[] =>
  objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);

/** The objects in one file's text. @throws ClusterError that names the place */
export function parseManifests(text: string, file: string): KubeObject[] {
  return documents(text, file).flatMap((object, index) => {
    if (object === null || object === undefined) return [];
    const missing = ["apiVersion", "kind"].filter((field) => typeof object[field] !== "string");
    if (typeof object.metadata?.name !== "string") missing.push("metadata.name");
    if (missing.length > 0) {
      throw new ClusterError(words.noObject(file, index + 1, missing.join(", ")));
    }
    return [object];
  });
}

function documents(text: string, file: string): KubeObject[] {
  try {
    return loadAll(text, { schema: CORE_SCHEMA }) as KubeObject[];
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    throw new ClusterError(`${file}:${line + 1}:${column + 1}: ${error.reason}`, words.synthAgain);
  }
}

function refuseDuplicates(files: readonly (readonly [string, readonly KubeObject[]])[]): KubeObject[] {
  const seen = new Map<string, string>();
  for (const [file, objects] of files) {
    for (const ref of objects.map(refOf)) {
      const first = seen.get(keyOf(ref));
      if (first) throw new ClusterError(words.twice(nameOf(ref), first, file), words.emptyFolder);
      seen.set(keyOf(ref), file);
    }
  }
  return files.flatMap(([, objects]) => objects);
}
