import type { Subject } from "./subject.ts";

/** What Prometheus' API answers, if it does. */
export async function prometheus<T>(subject: Subject, path: string): Promise<T> {
  const [reply] = await subject.inside("prometheus", 9090, path);
  if (reply?.status !== 200) throw new Error(`Prometheus answers ${reply?.status ?? "nothing"} to ${path}`);
  return (JSON.parse(reply.text) as { data: T }).data;
}
