import { setTimeout as sleep } from "node:timers/promises";
import { verify as words } from "../../messages/verify.ts";
import { judge, problem, skipped, type Verdict } from "../finding.ts";
import { readyPods } from "../transport/forward.ts";
import { ask } from "../transport/ingress-client.ts";
import type { Check, Subject } from "./subject.ts";
import { type Added, replicasWith, withUser } from "./user-check.ts";

/** A pod has 40 s to end, and its successor seldom takes 10 to start. */
const LONGEST_MS = 90_000;
const POLL_MS = 250;
/** Between two requests; twice as long as the ingress's limit for one address asks. */
const pauseMs = ({ config }: Subject) => Math.max(50, 2000 / config.ingress.rateLimit.average);

/** Sends requests until it is aborted. */
async function load(subject: Subject, { path, email }: Added, signal: AbortSignal): Promise<{ asked: number; failures: string[] }> {
  const failures: string[] = [];
  let asked = 0;
  while (!signal.aborted) {
    asked += 1;
    const why = await ask(subject.ingress, path).then(
      ({ status, text }) => (status === 200 && text.includes(email) ? undefined : String(status)),
      (error: Error) => error.message,
    );
    if (why !== undefined) failures.push(why);
    await sleep(pauseMs(subject));
  }
  return { asked, failures };
}

/** The pod that answered a request, by its log; a line takes a moment to get there. */
async function podThatAnswered(subject: Subject, request: string): Promise<string | undefined> {
  for (let left = 20; left > 0; left--) {
    for (const { metadata } of readyPods(await subject.pods(), "webapp")) {
      if ((await subject.log(metadata.name, "webapp")).includes(request)) return metadata.name;
    }
    await sleep(POLL_MS);
  }
  return undefined;
}

/** Waits until the pod is gone and as many as before are ready. Returns after how long, ms; undefined when that did not come. */
async function recoveryTime(subject: Subject, gone: string, wanted: number): Promise<number | undefined> {
  const start = Date.now();
  while (Date.now() - start < LONGEST_MS) {
    const pods = await subject.pods();
    const left = pods.some(({ metadata }) => metadata.name === gone);
    if (!left && readyPods(pods, "webapp").length >= wanted) return Date.now() - start;
    await sleep(POLL_MS);
  }
  return undefined;
}

async function evictAndObserve(subject: Subject, added: Added, pod: string, wanted: number): Promise<Verdict> {
  const end = new AbortController();
  const loading = load(subject, added, end.signal);
  try {
    const refused = await subject.evict(pod);
    if (refused !== undefined) return problem(words.evictionRefused(pod, refused));
    const took = await recoveryTime(subject, pod, wanted);
    if (took === undefined) return problem(words.notWhole(pod, LONGEST_MS / 1000), words.seeStatus);
    end.abort();
    const { asked, failures } = await loading;
    if (failures.length > 0) return problem(words.lost(pod, failures.length, asked, [...new Set(failures)].join(", ")));
    const { good, all } = await replicasWith(subject, added);
    const well = good === all && good >= wanted;
    return judge(well, well ? words.outlived(pod, good, all, asked, (took / 1000).toFixed(1)) : words.gone(pod, good, all));
  } finally {
    end.abort();
    await loading;
  }
}

/** Acknowledged writes are kept, and no request fails, when the pod that acknowledged them ends. */
async function survival(subject: Subject): Promise<Verdict> {
  if (!subject.thorough) return skipped(words.notThorough);
  const ready = readyPods(await subject.pods(), "webapp").length;
  if (ready < 2) return skipped(words.loneReplica(ready));
  if ((await subject.mayEnd("webapp")) < 1) return skipped(words.noRoom);
  const request = `verify-end-${Date.now()}`;
  return withUser(subject, request, async (added) => {
    const pod = await podThatAnswered(subject, request);
    return pod ? evictAndObserve(subject, added, pod, ready) : problem(words.podUnknown);
  });
}

/** Ends one pod of the application, by eviction, so that its disruption budget is heeded. */
export const survivalChecks: readonly Check[] = [{ name: "survival", applies: ({ sample }) => sample, once: true, run: survival }];
