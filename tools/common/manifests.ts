import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LineCounter, parseAllDocuments } from "yaml";

/** The part of a Kubernetes object that checks read. Everything else is carried along. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** An object and the place where it is written. */
export interface Manifest {
  /** File name in its folder. */
  readonly file: string;
  /** First line of the object, from 1. */
  readonly line: number;
  readonly object: KubeObject;
}

/** `Deployment/cloudnova/web`; cluster-scoped kinds have no middle part. */
export const nameOf = ({ kind, metadata }: KubeObject): string => [kind, metadata.namespace, metadata.name].filter(Boolean).join("/");

/** The files that `kubectl apply -f FOLDER` reads, in its order: by name, and no sub-folders. */
export function manifestFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .sort();
}

/**
 * The objects of a folder in the order in which `kubectl apply -f` sends them.
 *
 * @throws Error with file and line when a file is no YAML or a document is no Kubernetes object, and when there is none at all
 */
export function readManifests(folder: string): Manifest[] {
  const all = manifestFiles(folder).flatMap((file) => parseManifests(file, readFileSync(join(folder, file), "utf8")));
  if (all.length === 0) throw new Error(`${folder} holds no manifest: synthesise it first`);
  return all;
}

/** The objects in a file's text. Empty documents are left out, as kubectl does. */
export function parseManifests(file: string, text: string): Manifest[] {
  const lines = new LineCounter();
  return parseAllDocuments(text, { lineCounter: lines }).flatMap((document) => {
    const [problem] = document.errors;
    if (problem) throw new Error(`${file}: ${problem.message}`);
    const object = document.toJS() as KubeObject | null;
    if (object === null) return [];
    const line = lines.linePos(document.contents?.range?.[0] ?? document.range[0]).line;
    if (!object.apiVersion || !object.kind || !object.metadata?.name) {
      throw new Error(`${file}:${line}: this document is no Kubernetes object: it needs apiVersion, kind and metadata.name`);
    }
    return [{ file, line, object }];
  });
}
