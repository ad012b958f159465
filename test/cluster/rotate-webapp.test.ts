import { readFileSync } from "node:fs";
import { rotateWebapp, SESSION_SECONDS } from "../../src/cluster/rotate/webapp.ts";
import type { Client } from "../../src/cluster/transport/client.ts";
import { FakeApi } from "./transport/api.ts";

const SECRETS = "/api/v1/namespaces/cloudnova/secrets";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/cloudnova/deployments";
const KEPT = { namespace: "cloudnova", secret: "webapp", key: "secret-key" };
const BEFORE = { "secret-key": "old-secret-key", "admin-password": "old-password", "fault-token": "old-token" };
const workload = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "webapp", namespace: "cloudnova" },
  spec: { selector: { matchLabels: { "app.kubernetes.io/name": "webapp" } }, template: { metadata: {}, spec: {} } },
};

let api: FakeApi;
/** What the pods have that run now. */
let pods: Record<string, string>;

const secret = () => api.objects.get(`${SECRETS}/webapp`);
const values = (): Record<string, string> =>
  Object.fromEntries(Object.entries(secret()?.data ?? {}).map(([key, value]) => [key, Buffer.from(String(value), "base64").toString()]));

beforeEach(async () => {
  api = await FakeApi.start();
  const labels = { "app.kubernetes.io/managed-by": "cloudnova-bootstrap" };
  const data = Object.fromEntries(Object.entries(BEFORE).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
  api.put(SECRETS, { kind: "Secret", metadata: { name: "webapp", namespace: "cloudnova", labels }, data });
  const status = { observedGeneration: 1, updatedReplicas: 2, replicas: 2, availableReplicas: 2 };
  api.put(DEPLOYMENTS, { ...workload, status });
  pods = values();
});
afterEach(() => api.stop());

/** The key that a pod signs with, and those that it accepts. */
const signs = (pod: Record<string, string>) => pod["secret-key"];
const accepts = (pod: Record<string, string>) => [pod["secret-key"], pod["other-secret-key"]?.split(" ")[0]];

class Killed extends Error {}

/** Rotates; ends after that change as if the process was killed there. @param at its number, from 1 @returns whether it came so far */
async function rotate(keys: readonly string[], at = 0): Promise<boolean> {
  let changes = 0;
  const real = api.client();
  const client: Client = Object.create(real);
  client.send = async (call) => {
    if (call.method !== "PATCH") return real.send(call);
    if (call.path.includes("/deployments/")) {
      // During a restart a visitor may meet pods of both kinds, one after the other.
      const fresh = values();
      expect(accepts(pods)).toContain(signs(fresh));
      expect(accepts(fresh)).toContain(signs(pods));
      pods = fresh;
    }
    const answer = await real.send(call);
    changes += 1;
    if (changes === at) throw new Killed();
    return answer;
  };
  const work = rotateWebapp({ client, note: () => {}, timeoutMs: 5000, seenMs: 0 }, workload, KEPT, keys);
  return work.then(
    () => false,
    (error) => {
      if (error instanceof Killed) return true;
      throw error;
    },
  );
}

test("sessions go on at every pod meanwhile, and the key before is valid as long as one lasts", async () => {
  const began = Date.now() / 1000;
  expect(await rotate(["secret-key"])).toBe(false);
  const { "secret-key": key, "other-secret-key": other = "", ...rest } = values();
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(rest).toEqual({ "admin-password": "old-password", "fault-token": "old-token" });
  const [before, until] = other.split(" ");
  expect(before).toBe("old-secret-key");
  expect(Number(until)).toBeGreaterThanOrEqual(began + SESSION_SECONDS);
  expect(Number(until)).toBeLessThan(began + SESSION_SECONDS + 60);
  expect(pods).toEqual(values());
  expect(secret()?.metadata.annotations?.["cloudnova.dev/rotating"]).toBeNull();
  expect(readFileSync("webapp/src/cloudnova_webapp/security.py", "utf8")).toContain(`SESSION_SECONDS = ${SESSION_SECONDS / 3600} * 3600`);
});

test("a password alone takes one restart", async () => {
  expect(await rotate(["admin-password"])).toBe(false);
  expect(values()).toEqual({ ...BEFORE, "admin-password": expect.stringMatching(/^[\w-]{43}$/) });
  expect(api.writes.filter((write) => write.includes("/deployments/")).length).toBe(1);
});

test("a run that is killed after any change is finished by the next one", async () => {
  const keys = Object.keys(BEFORE);
  let at = 1;
  for (; ; at++) {
    const before = values();
    if (!(await rotate(keys, at))) break;
    expect(await rotate(keys)).toBe(false);
    for (const key of keys) expect(values()[key]).not.toBe(before[key]);
    expect(pods).toEqual(values());
    expect(secret()?.metadata.annotations?.["cloudnova.dev/rotating"]).toBeNull();
  }
  // Two changes of the Secret with a restart each, and the end.
  expect(at).toBe(6);
});

test("keys that an earlier run had not begun with follow", async () => {
  expect(await rotate(["admin-password"], 1)).toBe(true);
  const password = values()["admin-password"];
  expect(await rotate(["secret-key"])).toBe(false);
  expect(values()["admin-password"]).toBe(password);
  expect(signs(values())).not.toBe("old-secret-key");
});
