import { createHash, X509Certificate } from "node:crypto";
import type { KubeObject } from "../../src/cluster/objects/kube-object.ts";
import { certificatesIn, rotateCertificates } from "../../src/cluster/rotate/certificate.ts";
import { Client } from "../../src/cluster/transport/client.ts";
import { connect } from "../../src/cluster/transport/connection.ts";
import type { Run } from "../../src/cluster/transport/exec.ts";
import { Cluster, NAMESPACE } from "./server-cluster.ts";

/** Another authority by a real API server and the program of the bootstrap Job. What a kubelet and controllers do is played here. */
jest.setTimeout(15 * 60_000); // the first run of a machine builds kube-apiserver

const SIGNED = ["webapp-certificate", "mysql-certificate"];

let cluster: Cluster;
let real: Client;
/** What MySQL shows. */
let shown: string;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.bootstrap();
  shown = await cluster.value("mysql-certificate", "tls.crt");
  real = new Client(await connect({ kubeconfig: cluster.server.kubeconfig }));
});
afterAll(async () => {
  real?.close();
  await cluster?.stop();
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const authority = async () => new X509Certificate(await cluster.value("certificate-authority", "tls.crt"));
/** Whom a client of MySQL trusts that has its ca.crt. */
const trusted = async (): Promise<X509Certificate[]> => {
  const bundle = await cluster.value("mysql-certificate", "ca.crt");
  return (bundle.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem));
};
const trusts = async (pem: string) => {
  const leaf = new X509Certificate(pem);
  return (await trusted()).some((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey));
};

class Killed extends Error {}

/** Rotates; ends before or after a change as if the process was killed there. @param at its number, from 1 @returns whether it came so far */
async function rotate(at = 0, after = false): Promise<boolean> {
  let changes = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    changes += 1;
    if (changes === at && !after) throw new Killed();
    const done = await work();
    // Whoever verifies MySQL can, at any moment.
    expect(await trusts(shown)).toBe(true);
    if (changes === at) throw new Killed();
    return done;
  };
  const answer = (body: unknown) => ({ status: 200, headers: {}, body });
  const client: Client = Object.create(real);
  client.send = async (call) => {
    const { method = "GET", path } = call;
    if (path.includes("/pods")) {
      const pod = { metadata: { name: "mysql-0", labels: { "app.kubernetes.io/name": "mysql" } } };
      if (method === "GET") return answer({ items: [{ ...pod, status: { conditions: [{ type: "Ready", status: "True" }] } }] }) as never;
      return counted(async () => answer(pod) as never);
    }
    if (method === "GET") return path.includes("/jobs/") ? (answer({ status: { succeeded: 1 } }) as never) : real.send(call);
    return counted(async () => {
      const sent = await real.send(call);
      if (method === "POST" && path.endsWith("/jobs")) await cluster.bootstrap();
      return sent;
    });
  };
  const run: Run = ([, , , , sum]) =>
    counted(async () => {
      const issued = await cluster.value("mysql-certificate", "tls.crt");
      expect(sum).toBe(sha256(issued));
      expect((await trusted()).length).toBe(2);
      shown = issued;
      return { status: 0, stdout: "", stderr: "" };
    });
  const certificates = { ...certificatesIn(cluster.manifests as KubeObject[], NAMESPACE), readers: [] };
  return rotateCertificates({ client, run, note: () => {}, timeoutMs: 10_000, seenMs: 0 }, certificates).then(
    () => false,
    (error) => {
      if (error instanceof Killed) return true;
      throw error;
    },
  );
}

test("the certificates of the manifests, and who verifies MySQL's", () => {
  const { database, signed, readers, authority } = certificatesIn(cluster.manifests as KubeObject[], NAMESPACE);
  expect(authority.secret).toBe("certificate-authority");
  expect(database.secret).toBe("mysql-certificate");
  expect(signed.map(({ secret }) => secret)).toEqual(SIGNED);
  expect(readers.map(({ metadata }) => metadata.name)).toEqual(["webapp"]);
});

/** The mark, the authority, the Job, the pod, MySQL, and the end of each certificate. The Job is deleted by a client of its own. */
const CHANGES = 7;

test.each([
  ["before", false],
  ["after", true],
] as const)("a run that is killed %s any change leaves MySQL trusted, and the next one finishes it", async (_, after) => {
  for (let at = 1; at <= CHANGES + 1; at++) {
    const before = (await authority()).fingerprint256;
    expect({ at, killed: await rotate(at, after) }).toEqual({ at, killed: at <= CHANGES });
    if (at <= CHANGES) expect(await rotate()).toBe(false);
    const now = await authority();
    expect(now.fingerprint256).not.toBe(before);
    expect((await trusted()).map(({ fingerprint256 }) => fingerprint256)).toEqual([now.fingerprint256]);
    expect(await trusts(shown)).toBe(true);
    for (const name of SIGNED) {
      expect(new X509Certificate(await cluster.value(name, "tls.crt")).verify(now.publicKey)).toBe(true);
      expect(await cluster.value(name, "ca.crt")).toBe(await cluster.value("certificate-authority", "tls.crt"));
    }
  }
  expect(await cluster.bootstrap()).not.toMatch(/made|issued/);
});
