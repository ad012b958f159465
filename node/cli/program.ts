import { Command, InvalidArgumentError } from "commander";
import { tableOf } from "../../tools/common/table.ts";
import { makeParts, type Parts } from "../images/build.ts";
import { buildEstimate, buildPrograms } from "../images/programs.ts";
import { DEFAULT_MEMORY_MIB, DEFAULT_PORTS, startNode } from "../machine/start.ts";
import { type NodeStatus, nodeStatus } from "../machine/status.ts";
import { stopNode } from "../machine/stop.ts";

// `npm run node -- COMMAND`: the command line; what it does is in the folders beside it.

const whole = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  return value;
};
const portNumber = whole(30_000, 32_767);
const ports = (text: string) => text.split(",").map(portNumber);

/** The command line of the node. */
export const program = new Command("node")
  .description("A single real Kubernetes node without Docker or a container registry, in one container of its own. Needs Linux and root.")
  .option("--output <format>", "text or json", "text")
  .configureHelp({ sortSubcommands: false })
  .showHelpAfterError("(add --help for what it takes)");
const json = () => program.opts().output === "json";
const show = (value: object, text: string) => console.log(json() ? JSON.stringify(value, null, 2) : text);

program
  .command("build")
  .description("build Kubernetes and what goes with it from source, once; about 17 minutes on two cores the first time")
  .action(async () => {
    const programs = await buildPrograms();
    show(
      programs,
      Object.entries(programs)
        .map(([name, path]) => `${name} ${path}`)
        .join("\n"),
    );
  });

program
  .command("images")
  .description("make the node's root file system and its images, once; about 3 minutes the first time")
  .option("--refresh", "make the Debian root file systems anew, with today's versions of their packages")
  .action(async (options: { refresh?: boolean }) => {
    const parts = await makeParts(options);
    show(
      { versions: parts.versions, debian: { ...parts.root.versions, ...parts.servers }, archives: parts.archives },
      describeParts(parts),
    );
  });

program
  .command("start")
  .description("start the node and wait until it is Ready; build what is missing first")
  .option("--memory <MiB>", "memory of the whole node, control plane included", whole(1200, 1_000_000), DEFAULT_MEMORY_MIB)
  .option("--ports <list>", "NodePorts that become reachable on 127.0.0.1", ports, DEFAULT_PORTS)
  .action(async (options: { memory: number; ports: readonly number[] }) => {
    const node = await startNode({ memoryMiB: options.memory, ports: options.ports });
    const what = node.started ? "The node runs" : "The node was running already";
    show(
      node,
      `${what}: ${node.memoryMiB} MiB, NodePorts ${node.ports.join(", ")} on 127.0.0.1.\nNext: export KUBECONFIG=${node.kubeconfig}; kubectl get pods --all-namespaces`,
    );
  });

program
  .command("stop")
  .description("stop the node; the next start finds the cluster and its volumes")
  .option("--delete-data", "remove the cluster and its volumes; the images stay")
  .option("--purge", "remove everything of the node outside the build cache")
  .action(async (options: { deleteData?: boolean; purge?: boolean }) => {
    const ran = await stopNode({ data: options.purge ? "purge" : options.deleteData ? "delete" : "keep" });
    show({ stopped: ran }, ran ? "The node is stopped." : "The node did not run.");
  });

program
  .command("status")
  .description("tell whether the node runs and what memory it takes; exit code 3 when it does not run")
  .action(async () => {
    const status = await nodeStatus();
    show(status, describeStatus(status));
    if (status.state !== "running") process.exitCode = 3;
  });

function describeParts({ versions, root, servers, archives }: Parts): string {
  const rows = Object.entries({ ...versions, ...servers, ...root.versions }).map(([name, version]) => [name, version]);
  const images = archives.flatMap((archive) => Object.keys(archive.images).map((image) => [image, archive.file]));
  return `${tableOf([["runs here", "version"], ...rows])}\n${tableOf([["image", "archive"], ...images])}`;
}

function describeStatus({ state, lacks, toBuild = [], choices, memory, kubeconfig, problem }: NodeStatus): string {
  if (lacks) return `There can be no node on this machine: ${lacks}`;
  if (state === "absent") return `There is no node on this machine.${toBuild.length > 0 ? ` Next: ${buildEstimate(toBuild)}` : ""}`;
  if (state === "stopped" || !memory) return `The node is stopped (${choices?.version ?? "never completely started"}).`;
  const rows = Object.entries(memory.pods).map(([name, pod]) => [name, `${pod.workingSet}`, `${pod.anonymous}`]);
  const total = (key: "workingSet" | "anonymous") => `${Object.values(memory.pods).reduce((sum, pod) => sum + pod[key], 0)}`;
  const table = tableOf([
    ["MiB", "working set", "anonymous"],
    ...rows,
    ["all pods", total("workingSet"), total("anonymous")],
    ["kubelet, containerd, shims", `${memory.host.workingSet}`, `${memory.host.anonymous}`],
    [`whole node, of ${memory.limit}`, `${memory.node.workingSet}`, `${memory.node.anonymous}`],
  ]);
  const head = `The node runs (${choices?.version}).${problem ? ` Its API server gives no answer: ${problem}` : ""}`;
  return `${head}\n${table}\nOOM kills on this machine since it started: ${memory.oomKills}\nexport KUBECONFIG=${kubeconfig}`;
}
