import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { decide, prepare } from "../../../src/cli/deciding.ts";
import { OWN_DOCKER } from "../../../src/target/docker.ts";
import { connectDocker, NAMESPACE } from "../../../tools/cluster/docker.ts";
import { SERVERS } from "../../../tools/cluster/table.ts";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { bring } from "../compose/images.ts";
import { EnvironmentFile } from "../suite/environment-file.ts";
import { Load } from "../suite/load.ts";
import { type Intensity, Stage } from "../suite/stage.ts";
import { SUITE } from "../suite/suite-cluster.ts";
import { Balancer } from "./balancer.ts";
import {
  CREDENTIALS,
  environmentOfNodes,
  HOST,
  METRICS_AUTHORITY,
  METRICS_LOGIN,
  MYSQL_AUTHORITY,
  MYSQL_HOST,
  RECEIVER_HOST,
} from "./environment.ts";
import { ADMINISTRATOR, OutsideMysql, OutsidePrometheus, WRITER } from "./outside.ts";
import { joinNodes, type Node } from "./pod-network.ts";

/** The port of 127.0.0.1 that leads to the load balancer. */
const BALANCER_PORT = 18_543 + SUITE;
/** The load is that of many visitors: one whose connection hangs does not hold up the others. */
const CONNECTIONS = 64;
/** The environment's namespace. */
export const SPACE = "cloudnova";
/** The label of a node's zone. */
export const ZONE = "topology.kubernetes.io/zone";
/** Memory of a machine of environments/eks.yaml, and what the environment takes its system for (src/config/clusters.ts), MiB. */
const [MACHINE, SYSTEM] = [4096, 672];

/** Three nodes in three zones, and what stands around them. */
export class NodesTrial {
  nodes: readonly Node[] = [];
  private balancer: Balancer | undefined;

  private constructor(
    readonly stage: Stage,
    readonly mysql: OutsideMysql,
    readonly receiver: OutsidePrometheus,
    readonly folder: string,
  ) {}

  static async set(intensity: Intensity): Promise<NodesTrial> {
    const folder = join(repositoryRoot(), "build", "e2e", "nodes");
    Object.assign(process.env, await connectDocker()); // what makes images asks the Docker of this process's environment
    // Our own daemon's network can be reached from within its namespace alone.
    const enter = process.env.DOCKER_HOST === OWN_DOCKER ? ["nsenter", `--net=/run/netns/${NAMESPACE}`] : [];
    const stage = await Stage.set(BALANCER_PORT, intensity, {
      // Each node offers its pods what such a machine does.
      kubelet: { systemReserved: { memory: `${Math.round(totalmem() / 1024 / 1024) - MACHINE + SYSTEM}Mi` } },
      workers: 2,
      enter,
      environment: new EnvironmentFile(join(folder, "work"), environmentOfNodes()),
      load: new Load(BALANCER_PORT, HOST, CONNECTIONS),
    });
    const { cluster } = stage;
    const mysql = new OutsideMysql(cluster, `${cluster.name}-mysql`, MYSQL_HOST);
    return new NodesTrial(stage, mysql, new OutsidePrometheus(cluster, `${cluster.name}-metrics`, RECEIVER_HOST), folder);
  }

  /** Makes the nodes with their images, as `up` makes a cluster of kind, and everything that an administrator brings before `up`. */
  async begin(): Promise<void> {
    const { cluster } = this.stage;
    await cluster.delete(); // what an earlier run left
    const around = {
      env: { ...process.env, ...cluster.env },
      stderr: process.stderr,
      signal: new AbortController().signal,
      tools: join("build", "tools"),
    };
    // An environment for kind's nodes; nothing of it is applied.
    const empty = new EnvironmentFile(join(this.folder, "kind"));
    await empty.write();
    await prepare(around, await decide(around, empty.file, { target: "kind", synth: false, doctor: false, verify: false }));
    this.nodes = await joinNodes(cluster);
    await cluster.kubectl("taint", "nodes", cluster.node, "node-role.kubernetes.io/control-plane:NoSchedule-");
    for (const [index, { name }] of this.nodes.entries()) await cluster.kubectl("label", "node", name, `${ZONE}=${"abc"[index]}`);
    const { name } = await bring("servers", SERVERS);
    await this.mysql.start(name);
    await this.receiver.start(name);
    await this.bringSecrets();
  }

  /** What `up` never makes: logins for servers outside, and what their certificates are verified by. */
  private async bringSecrets(): Promise<void> {
    const { stage, mysql, receiver, folder } = this;
    const create = (...what: readonly string[]) => stage.kubectl("create", ...what, "--namespace", SPACE);
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    await stage.kubectl("create", "namespace", SPACE);
    const login = ({ username, password }: typeof WRITER) => [`--from-literal=username=${username}`, `--from-literal=password=${password}`];
    await create("secret", "generic", CREDENTIALS, ...login(ADMINISTRATOR));
    await create("secret", "generic", METRICS_LOGIN, ...login(WRITER));
    const { configMap, key } = MYSQL_AUTHORITY;
    await create("configmap", configMap, `--from-file=${key}=${file("mysql.pem", mysql.certificate)}`);
    await create("configmap", METRICS_AUTHORITY, `--from-file=ca.crt=${file("metrics.pem", receiver.certificate)}`);
  }

  /** `up` on the cluster, and the load balancer that its provider would make meanwhile. */
  async deploy(): Promise<void> {
    const { stage } = this;
    await stage.environment.write();
    await stage.must("up", "--yes", "--no-synth", "--no-verify");
    const { name } = await bring("balancer", { suite: "bookworm", packages: ["haproxy", "socat"] });
    this.balancer = await Balancer.start(stage.cluster, this.nodes, name, BALANCER_PORT);
  }

  /** The result of a query to the cluster's Prometheus. @param at when, in seconds since 1970. @default now */
  async query(promql: string, at?: number): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const { stage } = this;
    const ask = ["promtool", "query", "instant", "--format=json", ...(at === undefined ? [] : [`--time=${at}`])];
    const where = ["prometheus-0", "--container=prometheus", "--namespace", SPACE];
    return JSON.parse(await stage.kubectl("exec", ...where, "--", ...ask, "http://localhost:9090", promql));
  }

  /** The nodes that the load balancer takes for healthy. */
  healthy(): Promise<string[]> {
    return this.balancer?.healthy() ?? Promise.resolve([]);
  }

  /** Removes what stands beside the cluster. */
  async end(): Promise<void> {
    await this.balancer?.remove();
    await this.mysql.remove();
    await this.receiver.remove();
  }
}
