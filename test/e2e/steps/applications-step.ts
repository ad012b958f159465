import { type Asked, ask, type Reply } from "../../../src/cluster/transport/ingress-client.ts";
import type { VerifyCheck } from "../../../src/messages/verify.ts";
import { PORTS } from "../suite/environment-file.ts";
import { EXAMPLES, type Example, exampleEntries } from "../suite/examples.ts";
import { allGreen } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";

/** A pod of an example starts within seconds; its database may have to start first, and Traefik reads its new namespaces. */
const ANSWER_S = 60;
const GRAFANA = ["monitoring", "grafana"];
const REPLICAS = ["applications", "webapp", "sample", "replicas"];

const request = ({ host, path }: Example, asked?: Asked): Promise<Reply> =>
  ask({ address: "127.0.0.1", host, httpPort: PORTS.http, httpsPort: PORTS.https }, path, asked);

/** Waits until an example's page shows a text. */
const shows = (example: Example, text: string): Promise<boolean> =>
  until(`${example.name} shows '${text}' at https://${example.host}${example.path}`, ANSWER_S, async () => {
    const reply = await request(example);
    if (reply.status !== 200 || !reply.text.includes(text)) throw new Error(`${reply.status}: ${reply.text.slice(0, 200)}`);
    return true;
  });

/** Sends an example's form as a browser does, with Django's token where its page has one. */
async function write(example: Example, text: string): Promise<void> {
  const page = await request(example);
  const [, token] = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text) ?? [];
  const cookie = [page.headers["set-cookie"] ?? []].flat().map((one) => one.split(";")[0] ?? "");
  const fields = new URLSearchParams({ ...example.form(text), ...(token ? { csrfmiddlewaretoken: token } : {}) });
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    referer: `https://${example.host}:${PORTS.https}${example.path}`,
    ...(cookie.length > 0 ? { cookie: cookie.join("; ") } : {}),
  };
  const { status } = await request(example, { method: "POST", headers, body: fields.toString() });
  expect(`the status of a POST to ${example.name}`, status, 302);
}

/** The states of verify's checks of the user's own applications. */
async function verified(stage: Stage): Promise<string> {
  const names: readonly VerifyCheck[] = ["start pages", "application redirects", "application headers", "application databases", "targets"];
  return until("verify finds the examples well", 120, async () => {
    const { stdout } = await stage.cloudnova("verify", "--output", "json");
    const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string; saw: string }[] };
    const bad = names.flatMap((name) => {
      const found = findings.find(({ check }) => check === name);
      return found?.state === "ok" ? [] : [`${name}: ${found?.saw ?? "not checked"}`];
    });
    if (bad.length > 0) throw new Error(bad.join("; "));
    return `${names.length} checks of them are green`;
  });
}

const namespaceOf = ({ name }: Example) => `cloudnova-${name}`;

/** Restarts the pods of every example, and waits until the new ones are ready. */
async function restart(stage: Stage): Promise<void> {
  for (const example of EXAMPLES)
    await stage.kubectl("rollout", "restart", `deployment/${example.name}`, "--namespace", namespaceOf(example));
  for (const example of EXAMPLES)
    await stage.kubectl("rollout", "status", `deployment/${example.name}`, "--namespace", namespaceOf(example), "--timeout=90s");
}

/** Takes the examples out of the environment again, with their namespaces. */
async function remove(stage: Stage): Promise<string> {
  for (const { name } of EXAMPLES) await stage.environment.unset(["applications", name]);
  const changed = await apply(stage);
  for (const { name } of EXAMPLES) {
    if (!changed.includes(`pruned Deployment ${name}`)) throw new Error(`${name} was not pruned: ${changed.join(", ")}`);
    if (!changed.some((text) => text.startsWith(`kept Namespace cloudnova-${name}`)))
      throw new Error(`its namespace was not kept: ${changed.join(", ")}`);
  }
  return `${changed.filter((text) => text.startsWith("pruned ")).length} objects pruned, the namespaces with the data kept`;
}

export const APPLICATIONS: Step = {
  name: "other people's applications",
  expects: "the examples are built and deployed beside the sample, answer over HTTPS, keep what was written over a restart, and go again",
  run: async (stage) => {
    const { environment } = stage;
    const [grafana, replicas] = [environment.get(GRAFANA), environment.get(REPLICAS)];
    // The memory of the node does not suffice for three more applications beside three replicas and Grafana's place.
    await environment.set(GRAFANA, "on-demand");
    await environment.set(REPLICAS, 2);
    for (const [name, entry] of Object.entries(exampleEntries())) await environment.set(["applications", name], entry);
    const begun = Date.now();
    await stage.must("up", "--target", "kind", "--yes", "--no-synth", "--no-doctor", "--no-verify");
    const seconds = Math.round((Date.now() - begun) / 1000);
    for (const example of EXAMPLES) await shows(example, example.first);
    for (const example of EXAMPLES) await write(example, `by the suite in ${example.name}`);
    await restart(stage);
    for (const example of EXAMPLES) await shows(example, `by the suite in ${example.name}`);
    const checks = await verified(stage);
    const removed = await remove(stage);
    if (grafana === undefined) await environment.unset(GRAFANA);
    else await environment.set(GRAFANA, grafana);
    if (replicas === undefined) await environment.unset(REPLICAS);
    else await environment.set(REPLICAS, replicas);
    await apply(stage);
    return `${EXAMPLES.length} examples up after ${seconds} s; ${checks}; ${removed}; ${await allGreen(stage)}`;
  },
};
