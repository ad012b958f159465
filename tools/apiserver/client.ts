import { Agent, request } from "node:https";

/** What the API server answered. */
export interface Answer {
  readonly status: number;
  /** What the server wanted to have said beside its answer, for instance about deprecated fields. */
  readonly warnings: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: an API object of any kind; callers read the few fields they know
  readonly body: any;
}

/** The few calls that the checks make, as plain HTTPS: the full client library takes a second to load. */
export class ApiClient {
  private readonly agent: Agent;
  private readonly discovered = new Map<string, Promise<Map<string, { plural: string; namespaced: boolean }>>>();

  /** @param ca the certificate authority, PEM  @param token bearer token of the user to act as */
  constructor(
    readonly url: string,
    ca: string,
    private readonly token: string,
  ) {
    this.agent = new Agent({ keepAlive: true, ca });
  }

  /** @throws Error only when no answer came; a refusal is an answer. */
  call(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.token}`, accept: "application/json", "content-type": contentType };
      const sent = request(`${this.url}${path}`, { method, agent: this.agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const json = response.headers["content-type"]?.includes("json");
          // A warning reads `299 - "text"`, several come in one header.
          const warnings = [...(response.headers.warning ?? "").toString().matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) =>
            (match[1] ?? "").replaceAll('\\"', '"'),
          );
          resolve({ status: response.statusCode ?? 0, warnings, body: json ? JSON.parse(text) : text });
        });
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /**
   * The address of an object, by the server's own discovery. Undefined when the server knows no such kind.
   *
   * @param namespace for namespaced kinds; default: `default`, as kubectl does
   */
  async pathOf(apiVersion: string, kind: string, name: string, namespace = "default"): Promise<string | undefined> {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    if (!this.discovered.has(base)) this.discovered.set(base, this.discover(base));
    const resource = (await this.discovered.get(base))?.get(kind);
    if (!resource) {
      this.discovered.delete(base); // a CRD may bring it later
      return undefined;
    }
    return `${base}/${resource.namespaced ? `namespaces/${namespace}/` : ""}${resource.plural}/${name}`;
  }

  /** Ends the idle connections. */
  close(): void {
    this.agent.destroy();
  }

  private async discover(base: string) {
    const { body } = await this.call("GET", base);
    const resources: { kind: string; name: string; namespaced: boolean }[] = body?.resources ?? [];
    const own = resources.filter(({ name }) => !name.includes("/")); // the others are sub-resources like pods/status
    return new Map(own.map(({ kind, name, namespaced }) => [kind, { plural: name, namespaced }]));
  }
}
