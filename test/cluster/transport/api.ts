import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { Client } from "../../../src/cluster/transport/client.ts";
import type { Connection } from "../../../src/cluster/transport/connection.ts";
import { selfSigned } from "../../certificate.ts";

/** What the server knows of kinds: `APIResourceList` by its path. */
const KINDS: Readonly<Record<string, readonly (readonly [kind: string, plural: string, namespaced: boolean])[]>> = {
  "/api/v1": [
    ["Namespace", "namespaces", false],
    ["PersistentVolumeClaim", "persistentvolumeclaims", true],
    ["Secret", "secrets", true],
    ["ConfigMap", "configmaps", true],
    ["Pod", "pods", true],
  ],
  "/apis/apps/v1": [["Deployment", "deployments", true]],
};

/** Paths of collections. */
const LIST = /\/(namespaces|persistentvolumeclaims|secrets|configmaps|pods|deployments|\w+sets|\w*jobs|ingresses)$/;

type Sent = Partial<KubeObject> & { preconditions?: { resourceVersion?: string } };

/** An API server in memory, over real HTTPS: objects by path, with versions and selectors of labels. It runs no controllers. */
export class FakeApi {
  readonly objects = new Map<string, KubeObject>();
  /** What changed something, as `METHOD path`. */
  readonly writes: string[] = [];
  /** Answers instead of the server when it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  /** What answers a web socket. */
  upgrade: (request: IncomingMessage, socket: Socket) => void = (_, socket) => void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  private version = 0;
  private readonly agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  private readonly clients: Client[] = [];

  private constructor(
    private readonly server: Server,
    private readonly certificate: string,
  ) {}

  static async start(): Promise<FakeApi> {
    const pair = selfSigned("IP:127.0.0.1");
    const server = createServer(pair);
    const api = new FakeApi(server, pair.cert);
    server.on("request", (request, response) => void api.pass(request, response));
    server.on("upgrade", (request: IncomingMessage, socket: Socket) => api.upgrade(request, socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  private get address(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A kubeconfig with contexts that lead to it. */
  kubeconfig(...contexts: readonly string[]): string {
    const cluster = { server: this.address, "certificate-authority-data": Buffer.from(this.certificate).toString("base64") };
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "fake", cluster }],
      users: [{ name: "admin", user: { token: "x" } }],
      contexts: contexts.map((name) => ({ name, context: { cluster: "fake", user: "admin" } })),
    });
  }

  /** A client of it. */
  client(signal?: AbortSignal): Client {
    const connection = { context: "fake", server: this.address, credentials: async () => ({ agent: this.agent, headers: {} }) };
    const client = new Client(connection as unknown as Connection, signal);
    this.clients.push(client);
    return client;
  }

  /** Has an object be there. @param path of its collection */
  put(path: string, object: Partial<KubeObject> & { metadata: { name: string } }): KubeObject {
    this.version += 1;
    const metadata = { uid: `uid-${object.metadata.name}`, ...object.metadata, resourceVersion: String(this.version) };
    const stored = { apiVersion: "v1", kind: "Thing", ...object, metadata } as KubeObject;
    this.objects.set(`${path}/${metadata.name}`, stored);
    return stored;
  }

  stop(): void {
    for (const client of this.clients) client.close();
    this.agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.intercept(request, response)) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url ?? "", "https://api");
    const method = request.method ?? "";
    if (method !== "GET") this.writes.push(`${method} ${pathname}`);
    const [status, body] = this.answer(method, pathname, text ? JSON.parse(text) : {}, searchParams.get("labelSelector"));
    const name = /^metadata\.name=(.+)$/.exec(searchParams.get("fieldSelector") ?? "")?.[1];
    if (name !== undefined) Object.assign(body as object, { items: this.named(pathname, name) });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  private answer(method: string, path: string, sent: Sent, selector: string | null): [number, unknown] {
    if (method === "GET") return this.read(path, selector ?? "");
    if (method === "POST") return this.create(path, sent);
    if (selector === null) return this.change(method, path, sent);
    for (const { metadata } of this.list(path, selector)) this.objects.delete(`${path}/${metadata.name}`);
    return [200, {}];
  }

  private create(path: string, sent: Sent): [number, unknown] {
    const name = sent.metadata?.name ?? "";
    if (this.objects.has(`${path}/${name}`)) return [409, { reason: "AlreadyExists" }];
    return [201, this.put(path, { ...sent, metadata: { ...sent.metadata, name } })];
  }

  private change(method: string, path: string, sent: Sent): [number, unknown] {
    const found = this.objects.get(path);
    if (!found && method !== "PATCH") return [404, { reason: "NotFound" }];
    const wanted = (sent.preconditions ?? sent.metadata)?.resourceVersion;
    if (wanted !== undefined && wanted !== found?.metadata.resourceVersion) return [409, { reason: "Conflict" }];
    if (method === "DELETE") return [200, this.objects.delete(path) && found];
    const [, folder = "", name = ""] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    return [200, this.put(folder, { ...found, ...sent, metadata: { ...found?.metadata, ...sent.metadata, name } })];
  }

  private read(path: string, selector: string): [number, unknown] {
    const found = this.objects.get(path);
    const kinds = KINDS[path];
    if (kinds) return [200, { resources: kinds.map(([kind, name, namespaced]) => ({ kind, name, namespaced })) }];
    if (found) return [200, found];
    return LIST.test(path) ? [200, { items: this.list(path, selector) }] : [404, { reason: "NotFound" }];
  }

  /** The objects of a kind and a name, in every namespace. @param path of the collection without a namespace, such as `/api/v1/configmaps` */
  private named(path: string, name: string): KubeObject[] {
    const ending = `${path.slice(path.lastIndexOf("/"))}/${name}`;
    return [...this.objects].filter(([at]) => at.endsWith(ending)).map(([, one]) => one);
  }

  private list(path: string, selector: string): KubeObject[] {
    const labels = selector.split(",").filter(Boolean);
    const has = ({ metadata }: KubeObject) =>
      labels.every((label) => {
        const [key = "", value] = label.split("=");
        return value === undefined ? metadata.labels?.[key] !== undefined : metadata.labels?.[key] === value;
      });
    return [...this.objects].filter(([at, one]) => at === `${path}/${one.metadata.name}` && has(one)).map(([, one]) => one);
  }
}
