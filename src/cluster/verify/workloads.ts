import { judge, type Verdict } from "../finding.ts";
import { amount } from "../quantity.ts";
import { prometheus } from "./prometheus.ts";
import { type Check, isBallast, type Subject } from "./subject.ts";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: { readonly requests?: { readonly memory?: string } };
}

/** The request is what the machine is sized by: a container that takes more takes it from another. */
async function memory(subject: Subject): Promise<Verdict> {
  const { namespace } = subject.config;
  const query = `sum by (pod, container) (container_memory_working_set_bytes{namespace=~"${namespace}|${namespace}-host",container!=""})`;
  const { result } = await prometheus<{ result: { metric: { pod: string; container: string }; value: [number, string] }[] }>(
    subject,
    `/api/v1/query?query=${encodeURIComponent(query)}`,
  );
  const used = new Map(result.map(({ metric, value }) => [`${metric.pod}/${metric.container}`, Number(value[1])]));
  const running = (await subject.pods()).filter(({ status }) => status?.phase === "Running");
  const all = running.flatMap(({ metadata, spec }) =>
    (spec.containers as Container[]).map((container) => ({ ...container, key: `${metadata.name}/${container.name}` })),
  );
  // A ballast fills its request on purpose.
  const [ballast, real] = [all.filter(({ image }) => isBallast(image)), all.filter(({ image }) => !isBallast(image))];
  const faults = real.flatMap(({ key, resources }) => {
    const [bytes, request] = [used.get(key), resources?.requests?.memory];
    if (bytes === undefined) return [`${key}: no figure`];
    if (request === undefined) return [`${key}: no request`];
    return bytes > amount(request) ? [`${key} ${Math.round(bytes / 1024 ** 2)} MiB of ${request}`] : [];
  });
  const sum = real.reduce((total, { key }) => total + (used.get(key) ?? 0), 0);
  const left = ballast.length > 0 ? `; left out: ${ballast.map(({ key }) => key).join(", ")}, a ballast` : "";
  const good = `${real.length} containers use ${Math.round(sum / 1024 ** 2)} MiB, each within its request`;
  return judge(
    real.length > 0 && faults.length === 0,
    `${faults.length > 0 ? faults.join("; ") : good}${left}`,
    "raise these requests under resources:, or wait if they have just started",
  );
}

export const workloadChecks: readonly Check[] = [
  {
    name: "workloads",
    run: async (subject) => {
      const all = await subject.standings();
      const late = all.filter(({ state }) => state !== "ready");
      const words = late.map(({ ref, words: text, troubles }) => `${ref.name}: ${[text, ...troubles.map(({ what }) => what)].join("; ")}`);
      return judge(late.length === 0, late.length === 0 ? `${all.length} ready` : words.join(" | "), "see 'cloudnova status'");
    },
  },
  { name: "memory within requests", run: memory },
];
