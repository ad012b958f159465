import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { find } from "../manifests.ts";
import type { Cluster } from "./server-cluster.ts";

/** Ports of 127.0.0.1 by Traefik's entry points. */
export interface TraefikPorts {
  readonly web: number;
  readonly websecure: number;
  readonly metrics: number;
}

/** The real Traefik beside a real API server. */
export interface Traefik {
  /** The file of what it logs, its access log among it. */
  readonly log: string;
  /** The folder of its file provider. */
  readonly dynamic: string;
  stop(): Promise<void>;
}

/** Ports that nothing listens at now. */
export async function freeTraefikPorts(): Promise<TraefikPorts> {
  const [web = 0, websecure = 0, metrics = 0] = await freePorts(3);
  return { web, websecure, metrics };
}

/** Times that a route is asked for, 200 ms apart. */
const ATTEMPTS = 150;

/**
 * Starts Traefik with the arguments, the dynamic file and the account that a cluster's manifests give it.
 *
 * @param ready whether it answers as it does once it has read the Ingresses; a refused connection counts as no
 * @throws Error with the end of its log when it is not ready within half a minute
 */
export async function startTraefik(cluster: Cluster, ports: TraefikPorts, ready: () => Promise<boolean>): Promise<Traefik> {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-traefik-"));
  const log = join(folder, "traefik.log");
  const dynamic = join(folder, "dynamic");
  mkdirSync(dynamic);
  writeFileSync(join(dynamic, "cloudnova.yaml"), find(cluster.manifests, "ConfigMap", "traefik").data["cloudnova.yaml"]);
  const account = await cluster.accountFolder("traefik");
  const { args } = find(cluster.manifests, "Deployment", "traefik").spec.template.spec.containers[0];
  const here = (args as string[]).map((arg) =>
    arg
      .replace(
        /^(--entryPoints\.(web|websecure|metrics)\.address)=.*/,
        (_, name, entry: keyof TraefikPorts) => `${name}=127.0.0.1:${ports[entry]}`,
      )
      .replace(/^(--providers\.file\.directory)=.*/, `$1=${dynamic}`),
  );
  const api = [
    `--providers.kubernetesIngress.endpoint=${cluster.server.url}`,
    `--providers.kubernetesIngress.token=${readFileSync(join(account, "token"), "utf8")}`,
    `--providers.kubernetesIngress.certAuthFilePath=${join(account, "ca.crt")}`,
  ];
  const daemon: Daemon = startDaemon(join(await ensure("traefik"), "traefik"), [...here, ...api], log);
  try {
    for (let attempt = 0; !(await ready().catch(() => false)); attempt++) {
      if (attempt > ATTEMPTS) throw new Error(`Traefik has no route after 30 s:\n${readFileSync(log, "utf8").slice(-3000)}`);
      await Promise.race([sleep(200), daemon.died]);
    }
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return { log, dynamic, stop: () => daemon.stop() };
}
