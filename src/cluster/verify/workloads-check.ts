import { verify as words } from "../../messages/verify.ts";
import { judge, type Verdict } from "../finding.ts";
import { amount } from "../objects/quantity.ts";
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
  const all = running.flatMap(({ metadata, spec }) =>
    (spec.containers as Container[]).map((container) => ({ ...container, key: `${metadata.name}/${container.name}` })),
  );
  // A ballast fills its request on purpose.
  const [ballast, real] = [all.filter(({ image }) => isBallast(image)), all.filter(({ image }) => !isBallast(image))];
  const faults = real.flatMap(({ key, resources }) => {
    const [bytes, request] = [used.get(key), resources?.requests?.memory];
    if (bytes === undefined) return [`${key}: ${words.noFigure}`];
    if (request === undefined) return [`${key}: ${words.noRequest}`];
    return bytes > amount(request) ? [`${key}: ${words.uses(Math.round(bytes / MIB), request)}`] : [];
  });
  const sum = real.reduce((total, { key }) => total + (used.get(key) ?? 0), 0);
  const saw = faults.length > 0 ? faults : [words.within(real.length, Math.round(sum / MIB))];
  const left = ballast.length > 0 ? [words.ballast(ballast.map(({ key }) => key).join(", "))] : [];
  return judge(real.length > 0 && faults.length === 0, [...saw, ...left].join("; "), words.raise);
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
