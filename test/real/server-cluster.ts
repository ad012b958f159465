import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Synthesis } from "../../charts/synth.ts";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { find, type Manifest, manifestsOf, synthesiseFile } from "../manifests.ts";

const run = promisify(execFile);
export const NAMESPACE = "cloudnova";
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;

/** A real API server with kind's manifests, and the programs of its pods run beside it with their own accounts. */
export class Cluster {
  readonly manifests: Manifest[];
  private readonly folder = mkdtempSync(join(tmpdir(), "cloudnova-real-"));

  private constructor(
    readonly server: ApiServer,
    private readonly helper: string,
    private readonly synthesis: Synthesis,
  ) {
    this.manifests = manifestsOf(synthesis);
  }

  /** @param synthesis the manifests that are applied. @default kind's */
  static async start(synthesis = synthesiseFile("environments/kind.yaml")): Promise<Cluster> {
    const helper = join(await ensure("helper"), "cloudnova-helper");
    const cluster = new Cluster(await startApiServer(), helper, synthesis);
    try {
      await cluster.apply();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  private async apply(): Promise<void> {
    const folder = join(this.folder, "manifests");
    mkdirSync(folder);
    for (const [file, text] of this.synthesis.files) writeFileSync(join(folder, file), text);
    await run(join(this.server.bin, "kubectl"), ["--kubeconfig", this.server.kubeconfig, "apply", "-f", folder]);
  }

  /** The folder that the kubelet would mount into a pod of this account: its token, the API's CA, its namespace. */
  async accountFolder(account: string): Promise<string> {
    const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${account}/token`;
    const { body } = await this.server.client.call("POST", path, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    });
    // A folder for each call: programs that run at once must not read a file that is being written.
    const folder = mkdtempSync(join(this.folder, `${account}-`));
    const { stdout: ca } = await run(join(this.server.bin, "kubectl"), [
      "--kubeconfig",
      this.server.kubeconfig,
      "config",
      "view",
      "--raw",
      "--flatten",
      "-o",
      "jsonpath={.clusters[0].cluster.certificate-authority-data}",
    ]);
    writeFileSync(join(folder, "token"), body.status.token);
    writeFileSync(join(folder, "ca.crt"), Buffer.from(ca, "base64"));
    writeFileSync(join(folder, "namespace"), NAMESPACE);
    return folder;
  }

  /**
   * Runs the bootstrap Job's command, as its container would, with its account's rights. Returns what it printed.
   * @param api another server to ask than the API server itself: its address, and its certificate as PEM
   */
  async bootstrap(
    change: (plan: Manifest) => Manifest = (plan) => plan,
    api?: { readonly url: string; readonly certificate: string },
  ): Promise<string> {
    const { data } = find(this.manifests, "ConfigMap", "bootstrap");
    const { command } = find(this.manifests, "CronJob", "bootstrap").spec.jobTemplate.spec.template.spec.containers[0];
    expect(command).toEqual(["/cloudnova-helper", "secrets", "/plan/plan.json"]);
    const plan = join(this.folder, `plan-${process.hrtime.bigint()}.json`);
    writeFileSync(plan, JSON.stringify(change(JSON.parse(data["plan.json"]))));
    const { hostname, port } = new URL(api?.url ?? this.server.url);
    const account = await this.accountFolder("bootstrap");
    if (api) writeFileSync(join(account, "ca.crt"), api.certificate);
    const env = {
      SERVICE_ACCOUNT: account,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
    };
    const { stdout } = await run(this.helper, ["secrets", plan], { env });
    return stdout;
  }

  /** A Secret as the administrator sees it; undefined when there is none. */
  async secret(name: string, namespace = NAMESPACE): Promise<Manifest | undefined> {
    const { status, body } = await this.server.client.call("GET", `/api/v1/namespaces/${namespace}/secrets/${name}`);
    return status === 200 ? body : undefined;
  }

  /** One decoded value of a Secret. */
  async value(name: string, key: string, namespace = NAMESPACE): Promise<string> {
    return Buffer.from((await this.secret(name, namespace))?.data?.[key] ?? "", "base64").toString();
  }

  /** Replaces a Secret, or deletes it. */
  async setSecret(name: string, stringData?: Record<string, string>, labels?: Record<string, string>): Promise<void> {
    await this.server.client.call("DELETE", `${SECRETS}/${name}`);
    if (!stringData) return;
    await this.server.client.call("POST", SECRETS, { apiVersion: "v1", kind: "Secret", metadata: { name, labels }, stringData });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
