import type { IncomingMessage, ServerResponse } from "node:http";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { FakeApi } from "../transport/api.ts";

/** What the backup program in the pod answers to its words: lines of its log, and its exit code. @default 0 */
export type Answers = (words: readonly string[], job: KubeObject) => { readonly log: string; readonly code?: number };

/** Reads a request's body. */
function bodyOf(request: IncomingMessage): Promise<KubeObject> {
  return new Promise((resolve) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    request.on("end", () => resolve(text === "" ? undefined : JSON.parse(text)));
  });
}

/**
 * An API server in memory whose Jobs of backups end at once, and whose Deployments and Grafana have their pods at once: what the controllers and the
 * kubelet would do, and no more.
 */
export class BackupCluster {
  /** What was done, in its order: `run WORDS`, `scale NAME COUNT as MANAGER`, `delete JOB`. */
  readonly done: string[] = [];
  answers: Answers = () => ({ log: "" });
  /** How often a container's log ends before its state says that it has ended. */
  late = 0;
  /** Called before each deed. */
  before: (deed: string) => void = () => undefined;

  private constructor(readonly api: FakeApi) {
    api.intercept = (request, response) => this.intercept(request, response);
  }

  static async start(): Promise<BackupCluster> {
    return new BackupCluster(await FakeApi.start());
  }

  /** Has the objects be there that the commands look for. */
  deploy(objects: readonly KubeObject[]): void {
    for (const object of objects) {
      const { name, namespace } = object.metadata;
      if (object.kind === "CronJob" && name === "backup") this.api.put(`/apis/batch/v1/namespaces/${namespace}/cronjobs`, object);
      if (object.kind !== "Deployment" && name !== "grafana") continue;
      if (!["Deployment", "StatefulSet"].includes(object.kind)) continue;
      const path = `/apis/apps/v1/namespaces/${namespace}/${object.kind.toLowerCase()}s`;
      this.api.put(path, object);
      this.scale(`${path}/${name}`, object.spec.replicas ?? 1);
    }
  }

  private deed(text: string): void {
    this.before(text);
    this.done.push(text);
  }

  private intercept(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = ""] = (request.url ?? "").split("?");
    const send = (body: unknown, type = "application/json") =>
      response.writeHead(200, { "content-type": type }).end(typeof body === "string" ? body : JSON.stringify(body));
    if (request.method === "POST" && path.endsWith("/jobs")) {
      void bodyOf(request).then((job) => send(this.runJob(path, job)));
      return true;
    }
    if (path.endsWith("/log")) {
      const pod = this.api.objects.get(path.replace(/\/log$/, ""));
      if (pod && this.late-- <= 0) pod.status.containerStatuses[0].state = pod.end;
      send(pod?.log ?? "", "text/plain");
      return true;
    }
    if (request.method === "PATCH" && (path.includes("/deployments/") || path.endsWith("/statefulsets/grafana"))) {
      void bodyOf(request).then(({ spec }) => {
        this.deed(`scale ${path.split("/").at(-1)} ${spec.replicas} as ${request.url?.split("fieldManager=")[1]}`);
        this.scale(path, spec.replicas);
        send({});
      });
      return true;
    }
    if (request.method === "DELETE" && path.includes("/jobs/")) {
      this.deed(`delete ${path.split("/").at(-1)?.replace(/-\d+$/, "")}`);
      send({});
      return true;
    }
    return false;
  }

  private runJob(path: string, job: KubeObject): KubeObject {
    const name = `${(job.metadata as unknown as { generateName: string }).generateName}${this.done.length}`;
    const [container] = job.spec.template.spec.containers;
    const words = [...(container.command ?? []), ...(container.args ?? [])];
    const said = words.slice(words.indexOf("backup") + 1).filter((word: string) => word !== "/etc/backup/plan.json");
    this.deed(`run ${said.join(" ")}`);
    const { log, code = 0 } = this.answers(said, job);
    const namespace = path.split("/").at(-2) ?? "";
    this.api.put(`/api/v1/namespaces/${namespace}/pods`, {
      kind: "Pod",
      metadata: { name: `${name}-pod`, namespace, labels: { "job-name": name } },
      status: {
        phase: code === 0 ? "Succeeded" : "Failed",
        containerStatuses: [{ name: "backup", state: { running: {} } }],
      },
      end: { terminated: { exitCode: code } },
      log,
    });
    return this.api.put(path, { ...job, metadata: { ...job.metadata, name } });
  }

  private scale(path: string, replicas: number): void {
    const found = this.api.objects.get(path);
    if (!found) return;
    const folder = path.replace(/\/[^/]+$/, "");
    this.api.put(folder, { ...found, spec: { ...found.spec, replicas }, status: { availableReplicas: replicas } });
  }
}
