import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Document, parse } from "yaml";
import { synthesise } from "../../../tools/common/environments.ts";
import { SUITE } from "./suite-cluster.ts";

/** The suite's own, so that a developer's cluster with the usual ports can run beside it. */
export const PORTS = { http: 18_080 + SUITE, https: 18_443 + SUITE } as const;
/** Its name. */
export const NAME = "e2e";

/** The keys of a shipped environment. */
export const shipped = (name: string): Record<string, unknown> => parse(readFileSync(join("environments", `${name}.yaml`), "utf8"));

/** The environment of the suite's one node: environments/stand-ins.yaml with other ports. */
function ofOneNode(): object {
  const document = new Document(shipped("stand-ins"));
  document.setIn(["ingress", "ports"], PORTS);
  // More than the default of 2 GiB runs, a second replica and a permanent Grafana, in the same memory of the node: steps that end a
  // pod under load need the former, and what Grafana would take is taken by its ballast.
  document.setIn(["machine", "memory"], "3Gi");
  // A target that CloudNova did not start, as in docs/guides/add-a-scrape-target.md: `verify` and the policies' matrix count it.
  document.setIn(["monitoring", "scrape"], { coredns: { namespace: "kube-system", pods: { "k8s-app": "kube-dns" }, port: 9153 } });
  return document.toJSON();
}

/** The environment that is deployed, and what steps change of it. */
export class EnvironmentFile {
  readonly file: string;
  readonly dist: string;
  private readonly document: Document;

  /** @param keys of the environment at first. @default environments/stand-ins.yaml with the suite's ports */
  constructor(folder: string, keys = ofOneNode()) {
    this.file = join(folder, `${NAME}.yaml`);
    this.dist = join(folder, "dist");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.document = new Document(keys);
  }

  /** Sets one key, such as `["database", "volume"], "8Gi"`, and writes the manifests anew, as a user would. */
  async set(path: readonly string[], value: unknown): Promise<void> {
    this.document.setIn(path, value);
    await this.write();
  }

  /** Takes a key out, and writes the manifests anew. */
  async unset(path: readonly string[]): Promise<void> {
    this.document.deleteIn(path);
    await this.write();
  }

  /** The value of a key that the file has. */
  get(path: readonly string[]): unknown {
    return this.document.getIn(path);
  }

  /** Writes the file and its manifests. */
  async write(): Promise<void> {
    writeFileSync(this.file, this.document.toString());
    await synthesise([this.file], this.dist);
  }

  /** Writes the environment as it is under another name beside its own file, with its manifests, as a user who copies the file. @returns the copy */
  async copy(name: string): Promise<string> {
    const file = join(dirname(this.file), `${name}.yaml`);
    writeFileSync(file, this.document.toString());
    await synthesise([file], this.dist);
    return file;
  }

  /** Changes the text of a manifest, for what no key decides. @throws Error when the text is not in it */
  edit(file: string, from: string, to: string): void {
    const path = join(this.dist, NAME, file);
    const before = readFileSync(path, "utf8");
    if (!before.includes(from)) throw new Error(`${path} holds no '${from}': change the step that edits it`);
    writeFileSync(path, before.replace(from, to));
  }
}
