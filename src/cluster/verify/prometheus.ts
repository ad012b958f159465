import type { Subject } from "./subject.ts";

/** What Prometheus' API answers, if it does. */
export async function prometheus(subject: Subject, path: string): Promise<Record<string, never[]>> {
  const [reply] = await subject.inside("prometheus", 9090, path);
  if (reply?.status !== 200) throw new Error(`Prometheus answers ${reply?.status ?? "nothing"} to ${path}`);
  return JSON.parse(reply.text).data;
}
