import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { synthesise } from "./common/environments.ts";
import { repositoryRoot } from "./common/root.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { makeNodes, startSimulated, ZONE_LABEL, ZONES } from "./simulated/cluster.ts";
import { deployment, fewest, nodes, type Place, podsOf, settled, spreadOf } from "./simulated/watch.ts";

// Replicas and PodDisruptionBudgets on 200 nodes that are simulated, by the real API server, scheduler and controller manager.

const COUNT = 200;
const ENVIRONMENT = `cluster: kubernetes
machine: { instance: t3.medium, nodes: ${COUNT} }
database: { maxConnections: 400 }
applications:
  webapp: { sample: { replicas: 20 } }
  shop: { image: "shop:1", replicas: 20, database: false, ingress: { path: /shop } }
`;
const PLACES: readonly Place[] = [
  { namespace: "cloudnova", name: "webapp" },
  { namespace: "cloudnova-shop", name: "shop" },
  { namespace: "cloudnova", name: "traefik" },
];
const KINDS = new Set(["Namespace", "ServiceAccount", "Deployment", "PodDisruptionBudget"]);

interface Row {
  readonly what: string;
  readonly name: string;
  readonly saw: string;
  readonly good: boolean;
}

async function simulate(folder: string): Promise<Row[]> {
  const file = join(folder, "simulated.yaml");
  writeFileSync(file, ENVIRONMENT);
  const [environment] = await synthesise([file], join(folder, "dist"));
  const texts = readdirSync(environment?.folder ?? "").filter((name) => name.endsWith(".yaml"));
  const objects = texts.sort().flatMap((name) => parseAllDocuments(readFileSync(join(environment?.folder ?? "", name), "utf8")));
  const wanted = objects.map((one) => one.toJS()).filter(({ kind }) => KINDS.has(kind));
  const manifests = join(folder, "objects.json");
  writeFileSync(manifests, JSON.stringify({ apiVersion: "v1", kind: "List", items: wanted }));

  const cluster = await startSimulated(folder);
  const { server } = cluster;
  const rows: Row[] = [];
  const lies = async (what: string) => {
    for (const place of PLACES) {
      await settled(server, place);
      const { zones, mostOnOneNode } = await spreadOf(server, place);
      const counts = Object.values(zones);
      const good = Math.max(...counts) - Math.min(...counts) <= 1 && mostOnOneNode === 1;
      const text = Object.entries(zones).map(([zone, count]) => `${zone} ${count}`);
      rows.push({ what, name: place.name, saw: `${text.join(", ")}; most on one node ${mostOnOneNode}`, good });
    }
  };
  try {
    // What EKS leaves of a t3.medium (src/config/clusters.ts).
    await makeNodes(server, COUNT, { cpu: "1890m", memory: "3424Mi" });
    const kubectl = (...args: string[]) => {
      const { status, stderr } = spawnSync(join(server.bin, "kubectl"), ["--kubeconfig", server.kubeconfig, ...args], { encoding: "utf8" });
      if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    };
    kubectl("apply", "--server-side", "-f", manifests);
    await lies("first start");

    for (const { namespace, name } of PLACES) kubectl("-n", namespace, "rollout", "restart", `deployment/${name}`);
    await lies("after an update");

    await drainZone(cluster.server, ZONES[0], rows);
    for (const place of PLACES) await settled(server, place);
    await loseZone(cluster.server, ZONES[1], rows);
    return rows;
  } finally {
    await cluster.stop();
  }
}

/** Drains every node of a zone at once, as a person in a hurry would; only the budgets hold back. */
async function drainZone(server: Parameters<typeof nodes>[0], zone: string, rows: Row[]): Promise<void> {
  const drained = (await nodes(server)).filter(({ metadata }) => metadata.labels[ZONE_LABEL] === zone).map(({ metadata }) => metadata.name);
  const patch = { spec: { unschedulable: true } };
  for (const name of drained) await server.client.call("PATCH", `/api/v1/nodes/${name}`, patch, "application/merge-patch+json");
  const watched = PLACES.map((place) => ({ place, least: fewest(server, place) }));
  const refused = new Map<string, number>();
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const left = [];
    for (const place of PLACES) left.push(...(await podsOf(server, place)).filter(({ spec }) => drained.includes(spec.nodeName)));
    if (left.length === 0) break;
    const tried = left.map(async ({ metadata: { name, namespace, labels } }) => {
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
      const { status } = await server.client.call("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
      const workload = labels["app.kubernetes.io/name"];
      if (status === 429) refused.set(workload, (refused.get(workload) ?? 0) + 1);
    });
    await Promise.all(tried);
    await sleep(200);
  }
  for (const { place, least } of watched) {
    await settled(server, place);
    const fewestSeen = await least();
    const { spec } = await deployment(server, place);
    const left = (await podsOf(server, place)).filter((pod) => drained.includes(pod.spec.nodeName)).length;
    const saw = `fewest available ${fewestSeen} of ${spec.replicas}; evictions refused ${refused.get(place.name) ?? 0}; left there ${left}`;
    rows.push({
      what: `all ${drained.length} nodes of ${zone} drained at once`,
      name: place.name,
      saw,
      good: fewestSeen >= spec.replicas - 1 && left === 0,
    });
  }
}

/** Removes every node of a zone without a word, and waits until the replicas are elsewhere. */
async function loseZone(server: Parameters<typeof nodes>[0], zone: string, rows: Row[]): Promise<void> {
  const lost = (await nodes(server)).filter(({ metadata }) => metadata.labels[ZONE_LABEL] === zone).map(({ metadata }) => metadata.name);
  const started = Date.now();
  for (const name of lost) await server.client.call("DELETE", `/api/v1/nodes/${name}`);
  for (const place of PLACES) {
    const { spec } = await deployment(server, place);
    let there: { spec: { nodeName: string } }[] = [];
    for (const end = Date.now() + 180_000; Date.now() < end; await sleep(500)) {
      there = (await podsOf(server, place)).filter((pod) => !lost.includes(pod.spec.nodeName));
      if (there.length === spec.replicas) break;
    }
    const onOne = Math.max(...there.map(({ spec: { nodeName } }) => there.filter((other) => other.spec.nodeName === nodeName).length));
    const saw = `${there.length} of ${spec.replicas} run elsewhere after ${Math.round((Date.now() - started) / 1000)} s; most on one node ${onOne}`;
    rows.push({ what: `all ${lost.length} nodes of ${zone} deleted`, name: place.name, saw, good: there.length === spec.replicas });
  }
}

function page(rows: readonly Row[]): string {
  const lines = rows.map(({ what, name, saw, good }) => `| ${what} | ${name} | ${saw} | ${good ? "met" : "**missed**"} |`);
  return `# Replicas on ${COUNT} simulated nodes

Written by \`npm run simulate:nodes\`; do not edit.

${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC. **Simulated**: the API server, the scheduler and the controller manager are Kubernetes' own; the nodes are
not machines, and no container runs. KWOK says that a node lives, and that a pod is ready as soon as it has a node. So this shows where replicas lie and what
PodDisruptionBudgets refuse, and nothing about speed or lost requests.

Goals: at most one replica more in a zone than in another, and none beside another on a node; while a zone is drained never more than one
replica of a workload away; after a zone is gone every replica elsewhere. Two zones are left then, of which one is cordoned.

| what | workload | seen | goal |
|---|---|---|---|
${lines.join("\n")}
`;
}

const rows = await withTemporaryFolder(simulate);
const file = join(repositoryRoot(), "docs", "simulated-nodes.md");
writeFileSync(file, page(rows));
for (const { what, name, saw, good } of rows) console.log(`${good ? "✔" : "✖"} ${what}: ${name}: ${saw}`);
console.log(`${file} is written`);
if (rows.some(({ good }) => !good)) process.exitCode = 1;
