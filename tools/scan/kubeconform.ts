import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, manifestFiles, nameOf } from "../common/manifests.ts";
import { ensure } from "../toolchain/ensure.ts";
import { runScanner } from "./run-scanner.ts";
import type { Finding, Scan } from "./scan-findings.ts";
import { flatten, type Schema, schemaFile, strictCrdSchema } from "./schemas.ts";

interface KubeconformReport {
  readonly resources: readonly {
    readonly filename: string;
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly msg: string;
  }[];
}

/**
 * Validates an environment against the schemas of one Kubernetes version, strictly: unknown fields and doubled keys are errors.
 *
 * @param schemas folder that `writeSchemas` filled
 */
export async function scanWithKubeconform(folder: string, manifests: readonly Manifest[], version: string, schemas: string): Promise<Scan> {
  const program = join(await ensure("kubeconform"), "kubeconform");
  const location = join(schemas, "{{.NormalizedKubernetesVersion}}", "{{.ResourceKind}}{{.KindSuffix}}.json");
  const files = manifestFiles(folder).map((file) => join(folder, file));
  const args = ["-strict", "-kubernetes-version", version, "-schema-location", location, "-output", "json", "-verbose", ...files];
  return readKubeconform(JSON.parse(await runScanner(program, args)), manifests, version);
}

/** What kubeconform's JSON objects to; an object without a schema counts too. */
export function readKubeconform({ resources }: KubeconformReport, manifests: readonly Manifest[], version: string): Scan {
  const findings = resources
    .filter(({ status }) => status !== "statusValid" && status !== "statusEmpty")
    .map(({ kind, name, filename, msg }): Finding => {
      // kubeconform tells no namespace; the same kind and name in two of them is told apart by the message alone.
      const manifest = manifests.find(
        ({ object, file }) => object.kind === kind && object.metadata.name === name && filename.endsWith(file),
      );
      return {
        scanner: "kubeconform",
        check: `schema-${version}`,
        manifest,
        message: manifest ? shortened(msg) : `${filename}: ${kind} ${name}: ${shortened(msg)}`,
      };
    });
  return { scanner: "kubeconform", judged: resources.filter(({ status }) => status !== "statusEmpty").length, findings };
}

/** The parts that say what is wrong where: kubeconform repeats the schema's path and every level above. */
function shortened(message: string): string {
  const parts = message
    .split(/\s+- (?=at ')/)
    .slice(1)
    .filter((part) => !part.endsWith("validation failed"));
  return parts.length > 0 ? parts.join("; ") : message;
}

/**
 * Writes the strict schemas of the kinds at hand, for each Kubernetes version, into `folder`.
 * The built-in kinds come from the kubernetes-validate package, the others from the definitions given.
 *
 * @throws Error when the package has no schemas of a version
 */
export async function writeSchemas(
  manifests: readonly Manifest[],
  crds: readonly Manifest[],
  versions: readonly string[],
  folder: string,
): Promise<void> {
  const source = await publishedSchemas();
  const kinds = new Map(manifests.map(({ object }) => [schemaFile(object.apiVersion, object.kind), nameOf(object)]));
  const custom = crds.flatMap(customSchemas);
  for (const version of versions) {
    const from = join(source, `v${version}-local-strict`);
    if (!existsSync(from))
      throw new Error(`${source} has no schemas of Kubernetes ${version}: choose versions that it has, or a newer package in tools/python`);
    const { $defs } = JSON.parse(await readFile(join(from, "_definitions.json"), "utf8")) as { $defs: Record<string, Schema> };
    const target = join(folder, `v${version}`);
    await mkdir(target, { recursive: true });
    for (const file of kinds.keys()) {
      // A kind that is neither here nor in crds/ gets no schema, and kubeconform then objects to it.
      if (existsSync(join(from, file)))
        await writeFile(join(target, file), JSON.stringify(flatten(JSON.parse(await readFile(join(from, file), "utf8")), $defs)));
    }
    for (const { file, schema } of custom) await writeFile(join(target, file), JSON.stringify(schema));
  }
}

async function publishedSchemas(): Promise<string> {
  const lib = join(await ensure("kubernetes-validate"), "..", "lib");
  const [python = ""] = (await readdir(lib)).filter((name) => name.startsWith("python3"));
  return join(lib, python, "site-packages", "kubernetes_validate", "kubernetes-json-schema");
}

function customSchemas({ object }: Manifest): { file: string; schema: Schema }[] {
  const { group, names, versions } = object.spec as {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
  return versions.map(({ name, schema }) => ({
    file: schemaFile(`${group}/${name}`, names.kind),
    schema: strictCrdSchema(schema.openAPIV3Schema),
  }));
}
