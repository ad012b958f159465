import { forwardPorts } from "../../../tools/cluster/docker.ts";
import { run } from "../../../tools/common/run.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";
import { until } from "../suite/wait.ts";
import type { Node } from "./pod-network.ts";

/** Traefik's Service, to which a cloud's controller makes a load balancer. */
const SERVICE = ["service/traefik", "--namespace", "cloudnova"];
/** How the load balancer of a cloud asks the nodes, for which Traefik's pause before its end is made (charts/traefik.ts). */
const EVERY_S = 10;
const FAILURES = 2;

interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly nodePort: number;
}

/**
 * HAProxy's settings: connections go to the nodes whose health port reports a Traefik. When a node fails its health check, its connections end
 * at once. A failed connection is not retried at another node: a cloud's balancer forwards packets and does not see the failure.
 */
function settings(nodes: readonly Node[], ports: readonly ServicePort[], health: number): string {
  const servers = ({ nodePort }: ServicePort) =>
    nodes.map(({ name, address }) => `  server ${name} ${address}:${nodePort} check port ${health}`).join("\n");
  const parts = ports.map(
    (one) => `frontend ${one.name}
  bind :${one.port}
  default_backend ${one.name}
backend ${one.name}
  balance roundrobin
  option httpchk GET /healthz
  default-server inter ${EVERY_S}s fall ${FAILURES} rise ${FAILURES} on-marked-down shutdown-sessions
${servers(one)}
`,
  );
  return `global
  stats socket /tmp/haproxy.sock
defaults
  mode tcp
  retries 0
  timeout connect 5s
  timeout check 6s
  timeout client 350s
  timeout server 350s
${parts.join("")}`;
}

/** What stands for a cloud's load balancer: HAProxy in a container of its own before the nodes. */
export class Balancer {
  private constructor(
    private readonly cluster: KindCluster,
    private readonly container: string,
  ) {}

  /**
   * Makes it for Traefik's Service, and tells the Service its address as a cloud's controller does.
   *
   * @param image with HAProxy  @param port of 127.0.0.1 that leads to its HTTPS
   */
  static async start(cluster: KindCluster, nodes: readonly Node[], image: string, port: number): Promise<Balancer> {
    const balancer = new Balancer(cluster, Balancer.containerOf(cluster));
    await balancer.remove();
    const { spec } = JSON.parse(await cluster.kubectl("get", ...SERVICE, "--output", "json"));
    const text = settings(nodes, spec.ports, spec.healthCheckNodePort);
    const place = ["--network", "kind", "--publish", `127.0.0.1:${port}:443`, "--env", `SETTINGS=${text}`];
    const start = 'echo "$SETTINGS" >/tmp/haproxy.cfg; exec haproxy -db -f /tmp/haproxy.cfg';
    await cluster.docker("run", "--detach", "--name", balancer.container, ...place, image, "bash", "-c", start);
    await forwardPorts();
    const asked = ["inspect", "--format", "{{ .NetworkSettings.Networks.kind.IPAddress }}", balancer.container];
    const address = (await cluster.docker(...asked)).trim();
    const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: address }] } } });
    await cluster.kubectl("patch", ...SERVICE, "--subresource=status", "--type=merge", "--patch", status);
    await until("the load balancer has a healthy node", 60, async () => (await balancer.healthy()).length > 0 || undefined);
    return balancer;
  }

  static containerOf = ({ name }: KindCluster): string => `${name}-balancer`;

  /** The nodes that it takes for healthy. */
  async healthy(): Promise<string[]> {
    const rows = (await this.cluster.inNode("echo show stat | socat - /tmp/haproxy.sock", "", this.container)).split("\n");
    return rows
      .map((row) => row.split(","))
      .filter(([backend, name, ...rest]) => backend === "websecure" && name !== "BACKEND" && rest.includes("UP"))
      .map(([, name = ""]) => name);
  }

  /** Removes it; nothing happens when it is not there. */
  async remove(): Promise<void> {
    await run("docker", ["rm", "--force", this.container], { env: this.cluster.env });
  }
}
