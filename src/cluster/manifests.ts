import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ClusterError } from "./errors.ts";
import { type KubeObject, keyOf, nameOf, refOf } from "./objects.ts";

/** A manifest and the file that it came from. */
export interface Manifest {
  readonly object: KubeObject;
  readonly file: string;
}

/**
 * Reads what `synth` wrote for an environment, files by name and documents in their order.
 *
 * @throws ClusterError when there is nothing to read, or something that is no Kubernetes object
 */
export function readManifests(folder: string): Manifest[] {
  const found = filesIn(folder).flatMap((file) => parseManifests(readFileSync(join(folder, file), "utf8"), join(folder, file)));
  if (found.length === 0) throw new ClusterError(`${folder}: no manifests in it`, "write them with 'npm run synth'");
  refuseDuplicates(found);
  return found;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => /\.ya?ml$/.test(file))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "no such folder" : `cannot be read (${code})`;
    throw new ClusterError(`${folder}: ${why}`, "write the manifests first: npm run synth ENVIRONMENT");
  }
}

/** The objects in one file's text. @throws ClusterError that names the place */
export function parseManifests(text: string, file: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document, index) => {
    const [problem] = document.errors;
    if (problem) throw new ClusterError(`${file}: ${problem.message.split("\n")[0]}`, "write it anew with 'npm run synth'");
    const object = document.toJS() as KubeObject | null;
    if (object === null) return [];
    const missing = ["apiVersion", "kind"].filter((field) => typeof object[field] !== "string");
    if (typeof object.metadata?.name !== "string") missing.push("metadata.name");
    if (missing.length > 0)
      throw new ClusterError(`${file}: document ${index + 1} is no Kubernetes object: it has no ${missing.join(", ")}`);
    return [{ object, file }];
  });
}

function refuseDuplicates(manifests: readonly Manifest[]): void {
  const seen = new Map<string, string>();
  for (const { object, file } of manifests) {
    const ref = refOf(object);
    const first = seen.get(keyOf(ref));
    if (first) throw new ClusterError(`${nameOf(ref)} is in ${first} and in ${file}`, "empty the folder and run 'npm run synth' again");
    seen.set(keyOf(ref), file);
  }
}
