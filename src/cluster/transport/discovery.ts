import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import { nameOf, type Ref } from "../objects/kube-object.ts";
import type { Client } from "./client.ts";

/** How the server addresses a kind. */
export interface Resource {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The server's own list of what it knows, read successfully once for each group. */
export class Discovery {
  private readonly groups = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  constructor(private readonly client: Client) {}

  /** How a kind is addressed; undefined when the server does not know it. */
  async find({ apiVersion, kind }: Pick<Ref, "apiVersion" | "kind">): Promise<Resource | undefined> {
    const base = baseOf(apiVersion);
    let group = this.groups.get(base);
    if (!group) {
      group = this.read(base);
      this.groups.set(base, group);
      group.catch(() => this.groups.delete(base)); // the next question is a new attempt
    }
    return (await group).get(kind);
  }

  /** The path of an object. @throws ClusterError when the server does not know its kind */
  async path(ref: Ref): Promise<string> {
    const resource = await this.find(ref);
    if (!resource) throw unknownKind(ref);
    return `${collection(ref, resource)}/${ref.name}`;
  }

  private async read(base: string): Promise<ReadonlyMap<string, Resource>> {
    const body = await this.client.find(base, words.list(base));
    const resources: { kind: string; name: string; namespaced: boolean }[] = body?.resources ?? [];
    // Names with a slash are sub-resources such as pods/status.
    const own = resources.filter(({ name }) => !name.includes("/"));
    return new Map(own.map(({ kind, name, namespaced }) => [kind, { plural: name, namespaced }]));
  }
}

const baseOf = (apiVersion: string) => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

/** The path of all objects of a kind in the reference's namespace. */
export function collection({ apiVersion, namespace }: Pick<Ref, "apiVersion" | "namespace">, { plural, namespaced }: Resource): string {
  return `${baseOf(apiVersion)}/${namespaced && namespace ? `namespaces/${namespace}/` : ""}${plural}`;
}

/** Kinds that belong to a kind of cluster: their absence shows that the target is another one. */
const BELONGS_TO: Readonly<Record<string, string>> = { "helm.cattle.io": "k3s", "traefik.io": "Traefik" };

function unknownKind(ref: Ref): ClusterError {
  const owner = BELONGS_TO[ref.apiVersion.split("/")[0] ?? ""];
  return new ClusterError(
    words.unknownKind(nameOf(ref), ref.kind, ref.apiVersion),
    owner ? words.belongsTo(owner) : words.installDefinition,
  );
}
