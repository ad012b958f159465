import { judge, problem, type Verdict } from "../finding.ts";
import { amount } from "../quantity.ts";
import { prometheus } from "./prometheus.ts";
import type { Check, Subject } from "./subject.ts";

async function memory(subject: Subject): Promise<Verdict> {
  const spare = subject.config.namespace;
  const query = `sum by (pod, container) (container_memory_working_set_bytes{namespace=~"${spare}|${spare}-host",container!=""})`;
  const data = (await prometheus(subject, `/api/v1/query?query=${encodeURIComponent(query)}`)) as unknown as {
    result: { metric: { pod: string; container: string }; value: [number, string] }[];
  };
  const pods = await subject.pods();
  const over = data.result.flatMap(({ metric, value }) => {
    const containers: { name: string; resources?: { requests?: { memory?: string } } }[] =
      pods.find(({ metadata }) => metadata.name === metric.pod)?.spec.containers ?? [];
    const request = containers.find(({ name }) => name === metric.container)?.resources?.requests?.memory;
    const used = Number(value[1]);
    return request && used > amount(request) ? [`${metric.pod}/${metric.container} ${Math.round(used / 1024 ** 2)} MiB of ${request}`] : [];
  });
  if (data.result.length === 0) return problem("Prometheus has no figures of containers' memory");
  return judge(
    over.length === 0,
    over.length === 0 ? `${data.result.length} containers, all within their requests` : over.join("; "),
    "raise these requests under resources:",
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
