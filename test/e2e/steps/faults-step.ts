import { setTimeout as sleep } from "node:timers/promises";
import ready from "../../../charts/files/mysql/ready.sh";
import { loadEnvironment } from "../../../src/config/load.ts";
import type { Component } from "../../../src/versions.ts";
import { comesBack, kinds, noUserMissing, ownPage, refusesWrites, withoutLoss } from "../suite/health.ts";
import { killInside } from "../suite/kill.ts";
import type { Failure } from "../suite/load.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { folderAgain, mysqlVolume, ownFileSystem, withoutMysql } from "../suite/volume.ts";
import { expect, until } from "../suite/wait.ts";

const secondsSince = (start: number) => `${((Date.now() - start) / 1000).toFixed(0)} s`;

/** When the kubelet last said that the node is Ready, in ms since 1970. */
async function lastReady(stage: Stage): Promise<number> {
  const text = await stage.kubectl("get", "lease", "--namespace", "kube-node-lease", "--output", "jsonpath={.items[0].spec.renewTime}");
  await stage.kubectl("wait", "node", "--all", "--for=condition=Ready", "--timeout=1s");
  return Date.parse(text);
}

/** Faults that no visitor may notice. */
export const HARMLESS: readonly Step[] = [
  {
    name: "every replica's pod deleted, one after the other",
    expects: "each is replaced; no request is lost",
    repeated: true,
    run: (stage) =>
      withoutLoss(stage, async () => {
        const before = await stage.pods();
        const own = before.filter(({ component }) => component === "webapp");
        for (const { name } of own) {
          await stage.kubectl("delete", "pod", name, "--namespace", "cloudnova");
          await stage.kubectl("rollout", "status", "deployment/webapp", "--namespace", "cloudnova", "--timeout=90s");
        }
        expect("pods", changes(before, await stage.pods()), [`webapp: ${own.length} new, ${own.length} gone`]);
        return `${own.length} pods replaced`;
      }),
  },
];

/** Longer than the kubelet takes to put a pod out of service whose readiness fails: two probes, five seconds apart. */
const AWAY_S = 20;

/** The longest period of the readiness probes of components, as their pods have them, in seconds. */
async function readinessPeriod(stage: Stage, ...components: readonly Component[]): Promise<number> {
  const own = (await stage.objects("pods")).filter(({ metadata }) =>
    components.some((name) => name === metadata.labels?.["app.kubernetes.io/name"]),
  );
  const containers: { readonly readinessProbe?: { readonly periodSeconds: number } }[] = own.flatMap(({ spec }) => spec.containers);
  return Math.max(...containers.flatMap(({ readinessProbe }) => readinessProbe?.periodSeconds ?? []));
}

/** Faults that visitors notice: what matters is that it comes back, and that no acknowledged user is missing. */
export const HARMFUL: readonly Step[] = [
  {
    name: "the database away for twenty seconds",
    expects: "every page through the Ingress is the application's own 503, its replicas stay ready, and no acknowledged user is missing",
    repeated: true,
    run: async (stage) => {
      const before = await stage.pods();
      // The load's requests would wait for its few connections while each takes a second, and then come all at once: the Ingress refuses
      // such a burst with 429, and this step's own requests with it.
      stage.load.stop();
      await stage.load.settled();
      let pages = 0;
      await withoutMysql(stage, async () => {
        for (const end = Date.now() + AWAY_S * 1000; Date.now() < end; pages++, await sleep(500)) ownPage(await stage.load.page("/users"));
        const own = (await stage.everyPod()).filter(({ component }) => component === "webapp");
        expect("ready replicas", own.filter(({ ready }) => ready).length, before.filter(({ component }) => component === "webapp").length);
      }).finally(() => stage.load.start(stage.intensity.rate));
      const back = await comesBack(stage);
      expect("pods", changes(before, await stage.pods()), ["mysql: 1 new, 1 gone"]);
      return `${pages} of ${pages} pages were the application's own, every replica stayed ready; then ${back}`;
    },
  },
  {
    name: "kubelet and containerd killed",
    expects:
      "both run again, the node is Ready, no pod restarts; no request is lost, unless the kubelet takes every replica out of service",
    repeated: true,
    run: async (stage) => {
      const before = await stage.pods();
      const start = Date.now();
      const tally = stage.load.tally();
      await killInside(stage, "kubelet", "containerd");
      await until("the kubelet says again that the node is Ready", 60, async () => (await lastReady(stage)) > start || undefined);
      const ready = secondsSince(start);
      // A kubelet may take a pod out of service until its first probe: requests lost to that belong to this step.
      await sleep(1000 * (await readinessPeriod(stage, ...WITHOUT_ENDPOINT.map(({ component }) => component))));
      await until("every pod that answers requests is ready again", 60, async () => {
        const pods = await stage.everyPod();
        return WITHOUT_ENDPOINT.every(({ component }) => pods.every((pod) => pod.component !== component || pod.ready)) || undefined;
      });
      await stage.load.settled();
      // Before the list of users is read: beside the load that meets the rate limit.
      const { sent, failed } = stage.load.since(tally);
      const incident = failed.length === 0 ? undefined : await outOfService(stage, start, failed);
      const back = await comesBack(stage);
      expect("pods", changes(before, await stage.pods()), []);
      const counted = `Ready again after ${ready}; ${failed.length} of ${sent} requests failed; then ${back}`;
      return incident === undefined ? counted : { saw: counted, incident };
    },
  },
  {
    name: "mysqld killed",
    expects: "the container is started again, and no acknowledged user is missing",
    repeated: true,
    restarts: ["mysql"],
    run: async (stage) => {
      const before = await stage.pods();
      await stage.inNode("pkill --signal KILL --exact mysqld");
      await until("the container is started again", 60, async () => {
        const now = changes(before, await stage.pods());
        return now.includes("mysql: 1 restarted") || undefined;
      });
      const back = await comesBack(stage);
      expect("pods", changes(before, await stage.pods()), ["mysql: 1 restarted"]);
      return back;
    },
  },
  {
    name: "every pod deleted at once",
    expects: "all come back, and no acknowledged user is missing",
    repeated: true,
    run: async (stage) => {
      const before = await stage.pods();
      await stage.kubectl("delete", "pods", "--all", "--namespace", "cloudnova", "--wait=false");
      await until("the pods are new", 90, async () => {
        const old = new Set(before.map(({ uid }) => uid));
        return (await stage.pods()).filter(({ uid }) => old.has(uid)).every(({ component }) => component === "node-exporter") || undefined;
      });
      return comesBack(stage);
    },
  },
  {
    name: "the database's volume full",
    expects:
      "while it is nearly full, writes are refused and reads go on; mysqld runs on with no byte left; with room again users can be added by itself, and no acknowledged user is missing",
    repeated: true,
    run: async (stage) => {
      await ownFileSystem(stage);
      await comesBack(stage);
      const folder = await mysqlVolume(stage);
      const filler = `${folder}/filler`;
      const shell = (script: string) => stage.inNode(script);
      const free = async () => Number((await shell(`df --output=avail --block-size=1 ${folder} | tail -1`)).trim());
      try {
        const pods = await stage.pods();
        await shell(`fallocate --length ${(await free()) - NEARLY_FULL} ${filler}; sync`);
        const start = Date.now();
        // Two periods of the probe that refuses the writes, and a moment for the answer.
        await until(
          "writes are refused",
          2 * (await readinessPeriod(stage, "mysql")) + 5,
          async () => (await refusesWrites(stage)) || undefined,
        );
        const refused = secondsSince(start);
        // fallocate takes blocks in seconds; dd takes what it left.
        const rest = `${filler}.rest`;
        await shell(
          `fallocate --length ${await free()} ${rest} || true; dd if=/dev/zero of=${rest} bs=64K oflag=append conv=notrunc 2>/dev/null || true; sync`,
        );
        expect("bytes left on the volume", await free(), 0);
        const before = stage.load.tally();
        await writes(stage, 200);
        const { sent, failed } = stage.load.since(before);
        const reads = failed.filter(({ what }) => what.startsWith("GET"));
        if (reads.length > 0) throw new Error(`${reads.length} reads failed: ${reads[0]?.what}`);
        await noUserMissing(stage);
        await shell(`rm -f ${filler} ${rest}`);
        const back = await comesBack(stage);
        expect("pods", changes(pods, await stage.pods()), []);
        return `writes refused after ${refused}; 0 bytes left: of ${sent} requests ${failed.length} were refused, none of them a read; then ${back}`;
      } finally {
        await shell(`rm -f ${filler} ${filler}.rest`);
        await folderAgain(stage);
        await comesBack(stage);
      }
    },
  },
];

/** Bytes left on a volume that is nearly full: three quarters of what MySQL's guard wants (`margin` of its script, in MiB). */
const NEARLY_FULL = Math.floor(0.75 * 2 ** 20 * Number(/^margin=\$\(\((\d+) << 20\)\)$/m.exec(ready)?.[1] ?? Number.NaN));

/** From this minor version of Kubernetes 1 on, a restarted kubelet leaves a pod's readiness as it was (KEP-4781). */
const KEEPS_READINESS = 35;

/** What a request is answered while a component's Service has no endpoint, the first that fits. */
const WITHOUT_ENDPOINT = [
  { component: "webapp", answer: /answered 503: no available server/ },
  { component: "mysql", answer: /answered 503/ },
  { component: "traefik", answer: /ECONNREFUSED|ECONNRESET|socket hang up/ },
] as const satisfies readonly { readonly component: Component; readonly answer: RegExp }[];

/** Components of which every pod changed between ready and not ready since `start`, ms since 1970. */
async function wentOutOfService(stage: Stage, start: number): Promise<Set<string>> {
  const since = Math.floor(start / 1000) * 1000; // conditions carry whole seconds
  const changed = (await stage.objects("pods")).map(({ metadata, status }) => {
    const ready: { lastTransitionTime: string } | undefined = status?.conditions?.find(({ type }: { type: string }) => type === "Ready");
    return { component: metadata.labels?.["app.kubernetes.io/name"] ?? "", changed: Date.parse(ready?.lastTransitionTime ?? "") >= since };
  });
  return new Set(changed.map(({ component }) => component).filter((name) => changed.every((pod) => pod.component !== name || pod.changed)));
}

/**
 * Why requests failed while the kubelet was killed. Before Kubernetes 1.35 a restarted kubelet calls each pod with a readiness probe not
 * ready until its first probe (kubernetes/kubernetes#100277): an upstream fault that leaves Services without an endpoint.
 *
 * @param start when it was killed, ms since 1970
 * @throws Error when they failed for another reason
 */
async function outOfService(stage: Stage, start: number, failed: readonly Failure[]): Promise<string> {
  const [node] = await stage.objects("node");
  const version: string = node?.status?.nodeInfo.kubeletVersion ?? "";
  const out = await wentOutOfService(stage, start);
  const causes = failed.map(({ what }) => WITHOUT_ENDPOINT.find(({ answer }) => answer.test(what))?.component ?? "none");
  if (Number(version.split(".")[1]) >= KEEPS_READINESS || causes.some((component) => !out.has(component)))
    throw new Error(`${failed.length} requests failed; kubelet ${version}; out of service: ${[...out].join(", ")}; ${kinds(failed)}`);
  const times = failed.map(({ at }) => at.getTime());
  const seconds = ((Math.max(...times) - Math.min(...times)) / 1000).toFixed(1);
  return `kubelet ${version} called every pod of ${[...new Set(causes)].join(", ")} not ready until its first probe: ${failed.length} requests failed in ${seconds} s`;
}

/** Adds users so that the tables must grow, as fast as the load leaves room; refusals are told by the load's own count. */
async function writes({ load, intensity, environment }: Stage, count: number): Promise<void> {
  // What the ingress lets pass of one client's requests a second, less one for the list that is read after.
  const passes = loadEnvironment(environment.file).config.ingress.rateLimit.average - 1;
  for (let done = 0; done < count; done++) {
    await load.add().catch((error: Error) => load.note(error));
    await sleep(1000 / (passes - intensity.rate));
  }
}
