import { CLUSTERS } from "../../../src/config/clusters.ts";
import { EnvironmentFile } from "../suite/environment-file.ts";

/**
 * The suite's environment as k3s would have it where the disk is concerned: MySQL's guard knows that the kubelet evicts pods, which kind's
 * never does, and Traefik is never evicted, as k3s' own chart has it.
 */
export class K3sEnvironment extends EnvironmentFile {
  override async write(): Promise<void> {
    await super.write();
    const argument = (percent: number) => `- /etc/mysql/ready.sh\n                - "${percent}"`;
    this.edit("20-mysql.k8s.yaml", argument(CLUSTERS.kind.evictsBelow), argument(CLUSTERS.k3s.evictsBelow));
    const beside = "enableServiceLinks: false";
    this.edit("40-traefik.k8s.yaml", beside, `${beside}\n      priorityClassName: system-cluster-critical`);
  }
}
