import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { output } from "../../../tools/common/run.ts";
import { BRANCH } from "../gitops/fork.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";
import { FLUX_NAMESPACE } from "./kustomize-controller.ts";

/**
 * Stands in for Flux' source-controller, which does not build here: packs the last commit of a bare repository, serves the archive at a
 * loopback address, and tells a GitRepository's status where it is, as source-controller does.
 */
export class SourceStandIn {
  private readonly archives = new Map<string, Buffer>();

  private constructor(
    private readonly repository: string,
    private readonly server: Server,
  ) {}

  /** @param repository folder of the bare repository */
  static async start(repository: string): Promise<SourceStandIn> {
    const server = createServer((request, response) => {
      const archive = standIn.archives.get(request.url ?? "");
      response.writeHead(archive ? 200 : 404).end(archive);
    }).listen(0, "127.0.0.1");
    const standIn = new SourceStandIn(repository, server);
    await once(server, "listening");
    return standIn;
  }

  /** Brings the branch's last commit to the GitRepository of that name. */
  async publish(cluster: KindCluster, name: string): Promise<void> {
    const git = (...args: readonly string[]) => output("git", ["-C", this.repository, ...args]);
    const commit = (await git("rev-parse", BRANCH)).trim();
    const path = `/gitrepository/${FLUX_NAMESPACE}/${name}/${commit}.tar.gz`;
    const file = `${this.repository}.tar.gz`;
    // The tree and not the commit: an archive of a commit begins with a global header, which Flux refuses.
    await git("archive", "--format=tar.gz", `--output=${file}`, `${BRANCH}^{tree}`);
    const archive = await readFile(file);
    this.archives.set(path, archive);
    const { port } = this.server.address() as AddressInfo;
    const artifact = {
      path: path.slice(1),
      url: `http://127.0.0.1:${port}${path}`,
      revision: `${BRANCH}@sha1:${commit}`,
      digest: `sha256:${createHash("sha256").update(archive).digest("hex")}`,
      lastUpdateTime: `${new Date().toISOString().slice(0, 19)}Z`,
      size: archive.length,
    };
    const where = ["gitrepository", name, "--namespace", FLUX_NAMESPACE];
    await cluster.kubectl("patch", ...where, "--subresource=status", "--type=merge", "--patch", JSON.stringify({ status: { artifact } }));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await once(this.server.close(), "close");
  }
}
