import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { selfSigned } from "../certificate.ts";
import { type ApplicationsPod, startApplicationsPod } from "./applications-pod.ts";
import { run } from "./servers.ts";

/** MySQL's own part in another certificate, with the real server and the pod's own files. */
jest.setTimeout(15 * 60_000);

const ENVIRONMENT =
  "cluster: kind\nmachine: { memory: 8Gi, cpu: '4' }\napplications: { webapp: { sample: {} }, shop: { image: 'a:1', ingress: { path: /s } } }\n";

let mysql: ApplicationsPod;
beforeAll(async () => {
  mysql = await startApplicationsPod(ENVIRONMENT, { shop: "shop_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-" });
});
afterAll(() => mysql?.pod.server.stop());

/** The certificate that MySQL shows to who connects now, by its SHA-256. */
async function shown(): Promise<string> {
  const look = `openssl s_client -starttls mysql -connect 127.0.0.1:${mysql.port} < /dev/null 2> /dev/null | openssl x509 -noout -fingerprint -sha256`;
  const { stdout } = await run("bash", ["-c", look]);
  return stdout.trim().split("=")[1] ?? "";
}

/** Reloads as `rotate certificate` does. @param cert that is wanted @returns the exit code */
async function reload(cert: string): Promise<number> {
  const sum = createHash("sha256").update(cert).digest("hex");
  const [file = "", ...args] = await mysql.pod.enter([
    "bash",
    "-c",
    readFileSync("src/cluster/rotate/reload-tls.sh", "utf8"),
    "reload-tls.sh",
    sum,
  ]);
  return run(file, args).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

test("MySQL shows another certificate without a restart, and not before it is there", async () => {
  const { key, cert } = selfSigned("DNS:mysql");
  const before = await shown();
  expect(before).toMatch(/^[0-9A-F:]{95}$/);
  expect(await reload(cert)).toBe(3);
  for (const [name, text] of Object.entries({ "tls.crt": cert, "tls.key": key })) {
    await mysql.pod.inside(["bash", "-c", `printf '%s' "$1" > /etc/mysql-tls/${name}`, "write", text]);
  }
  expect(await shown()).toBe(before);
  expect(await reload(cert)).toBe(0);
  expect(await shown()).toBe(new X509Certificate(cert).fingerprint256);
});
