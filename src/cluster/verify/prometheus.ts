import { verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import type { Subject } from "./subject.ts";

/** What Prometheus' API answers, if it does. @throws Error */
export async function prometheus<T>(subject: Subject, path: string): Promise<T> {
  const [reply] = await subject.inside("prometheus", PORTS.prometheus, path);
  if (reply?.status !== 200) throw new Error(words.answers("Prometheus", reply?.status ?? words.nothing, path));
  return (JSON.parse(reply.text) as { data: T }).data;
}
