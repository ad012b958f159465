import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError } from "../../src/config/errors.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { selfSigned } from "../certificate.ts";
import { temporaryFolder } from "../temporary.ts";

const HEAD = "cluster: kubernetes\nmachine: { instance: t3.medium, nodes: 3 }\n";
const external = (more: string, rest = "") => `${HEAD}database: { external: { credentialsSecret: admin, ${more} } }\n${rest}`;

function refusal(text: string, file = "e.yaml"): string {
  try {
    parseEnvironment(text, file);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

test.each([
  ["a name without addresses", "host: db.example.com, ca: { secret: a }", "database.external.host", "NetworkPolicies know no names"],
  ["a Secret and a ConfigMap", "host: 10.0.0.9, ca: { secret: a, configMap: b }", "database.external.ca", "either configMap or secret"],
  ["an authority of neither", "host: 10.0.0.9, ca: { key: a }", "database.external.ca", "either configMap or secret"],
  ["no authority", "host: 10.0.0.9", "database.external.ca", "a file of certificates, or a group of keys"],
  ["a port that no server has", "host: 10.0.0.9, port: 70000, ca: { secret: a }", "database.external.port", "65535"],
])("%s is refused", (_, more, path, why) => {
  const message = refusal(external(more));
  expect(message).toContain(path);
  expect(message).toContain(why);
});

test.each(["open: { mysql: 3306 }", "backups: { pointInTime: true }", "resources: { mysql: { memory: 1Gi, memoryLimit: 1Gi } }"])(
  "%s needs a server of ours",
  (rest) => {
    expect(refusal(external("host: 10.0.0.9, ca: { secret: a }", rest))).toContain("no MySQL server of ours runs; remove the key");
  },
);

test("a password has no place in it", () => {
  expect(refusal(external("host: 10.0.0.9, ca: { secret: a }, password: hunter2"))).not.toContain("hunter2");
});

describe("a file of certificates", () => {
  const folder = temporaryFolder("authority");
  const file = join(folder, "e.yaml");
  const { key, cert } = selfSigned("DNS:db.example.com");
  const text = external("host: 10.0.0.9, ca: certificates/db.pem");
  const write = (content: string) => {
    mkdirSync(join(folder, "certificates"), { recursive: true });
    writeFileSync(join(folder, "certificates/db.pem"), content);
  };

  test("is read from the environment file's folder, without what lies between the certificates", () => {
    write(`# one\r\n${cert}\nanother\n${cert}`);
    expect(parseEnvironment(text, file).databaseCa).toBe(`${cert.trim()}\n${cert.trim()}\n`);
  });

  test.each<[string, string, RegExp]>([
    ["with a private key", `${cert}${key}`, /ca: .*holds a private key/],
    ["without a certificate", "no certificate", /ca: .*holds no certificate in PEM/],
    ["with a damaged one", cert.replace(/M/g, "A"), /ca: .*a damaged one/],
  ])("%s is refused", (_, content, why) => {
    write(content);
    const message = refusal(text, file);
    expect(message).toMatch(why);
    expect(message).not.toContain("PRIVATE KEY");
  });

  test("that is not there is named", () => {
    expect(refusal(external("host: 10.0.0.9, ca: absent.pem"), file)).toContain("absent.pem cannot be read (ENOENT)");
  });
});

test("k3s' own Traefik takes no annotations", () => {
  const text = "cluster: k3s\nmachine: { instance: t3.medium }\ningress: { loadBalancer: {} }\n";
  expect(refusal(text)).toMatch(/ingress.loadBalancer: .*the cluster's own Traefik/);
});
