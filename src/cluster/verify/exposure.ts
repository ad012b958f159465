import { judge, type Verdict } from "../finding.ts";
import type { Check, Subject } from "./subject.ts";

async function exposed(subject: Subject): Promise<Verdict> {
  const open = (await subject.services()).filter(
    ({ spec }) => spec.type === "NodePort" || spec.type === "LoadBalancer" || spec.externalIPs?.length,
  );
  const stray = open.filter(({ metadata }) => metadata.name !== "traefik").map(({ metadata }) => metadata.name);
  return judge(
    stray.length === 0,
    stray.length === 0 ? "nothing but the entrance is reachable from outside" : `reachable from outside: ${stray.join(", ")}`,
    "make these Services ClusterIP",
  );
}

export const exposureChecks: readonly Check[] = [{ name: "exposure", run: exposed }];
