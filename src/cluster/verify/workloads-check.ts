import { verify as words } from "../../messages/verify.ts";
import { judge, type Verdict, warning } from "../finding.ts";
import { amount } from "../objects/quantity.ts";
import { entryOf } from "../observe/application-trouble.ts";
import { type Check, isBallast, type Subject } from "./subject.ts";

const MIB = 1024 ** 2;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: { readonly requests?: { readonly memory?: string } };
}

/** The request is what the machine is sized by: a container that takes more takes it from another. */
async function memory(subject: Subject): Promise<Verdict> {
  // From the kubelets themselves: Prometheus would know of a new container only up to a minute later.
  const used = await subject.workingSets();
  const running = (await subject.pods()).filter(({ status }) => status?.phase === "Running");
  const all = running.flatMap((pod) =>
    (pod.spec.containers as Container[]).map((container) => ({
      ...container,
      key: `${pod.metadata.name}/${container.name}`,
      entry: entryOf(pod)?.key,
    })),
  );
  // A ballast fills its request on purpose.
  const [ballast, real] = [all.filter(({ image }) => isBallast(image)), all.filter(({ image }) => !isBallast(image))];
  const faults = real.flatMap(({ key, resources, entry }): { readonly saw: string; readonly entry?: string }[] => {
    const [bytes, request] = [used.get(key), resources?.requests?.memory];
    if (bytes === undefined) return [{ saw: `${key}: ${words.noFigure}` }];
    if (request === undefined) return [{ saw: `${key}: ${words.noRequest}` }];
    return bytes > amount(request) ? [{ saw: `${key}: ${words.uses(Math.round(bytes / MIB), request)}`, entry }] : [];
  });
  const sum = real.reduce((total, { key }) => total + (used.get(key) ?? 0), 0);
  const told = faults.length > 0 ? faults.map(({ saw }) => saw) : [words.within(real.length, Math.round(sum / MIB))];
  const left = ballast.length > 0 ? [words.ballast(ballast.map(({ key }) => key).join(", "))] : [];
  const saw = [...told, ...left].join("; ");
  // The memory of a user's application is known only once it runs: its request is a guess until then.
  const entries = [...new Set(faults.flatMap(({ entry }) => entry ?? []))];
  if (faults.length > 0 && faults.every(({ entry }) => entry)) return warning(saw, words.raiseOwn(entries.join(", ")));
  return judge(real.length > 0 && faults.length === 0, saw, words.raise);
}

async function workloads(subject: Subject): Promise<Verdict> {
  const all = await subject.standings();
  const late = all.filter(({ state }) => state !== "ready");
  const reasons = late.map(({ ref, words: text, troubles }) => `${ref.name}: ${[text, ...troubles.map(({ what }) => what)].join("; ")}`);
  return judge(all.length > 0 && late.length === 0, late.length === 0 ? words.ready(all.length) : reasons.join(" | "), words.seeStatus);
}

/** Every workload is ready, and uses no more memory than the machine was sized for. */
export const workloadChecks: readonly Check[] = [
  { name: "workloads", run: workloads },
  { name: "memory", run: memory },
];
