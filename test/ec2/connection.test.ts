import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import type { Machine } from "../../src/ec2/account.ts";
import { publicKey, routeTo, withContext, writeContext } from "../../src/ec2/connection.ts";
import { temporaryFolder } from "../temporary.ts";
import { settings } from "./example.ts";

/** /etc/rancher/k3s/k3s.yaml, with shorter keys. */
const K3S = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Y2E=
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: Y2VydA==
    client-key-data: a2V5
`;

describe("the kubeconfig", () => {
  test("has a context that checks the certificate by a name that it holds at every address", () => {
    const config = new KubeConfig();
    config.loadFromString(withContext("", K3S, "cloudnova-mine", "203.0.113.7"));
    config.setCurrentContext("cloudnova-mine");
    expect(config.getCurrentCluster()).toMatchObject({ server: "https://203.0.113.7:6443", caData: "Y2E=", tlsServerName: "kubernetes" });
    expect(config.getCurrentUser()).toMatchObject({ certData: "Y2VydA==", keyData: "a2V5" });
  });
  test("keeps other contexts and the current one, and takes a new address", () => {
    const first = withContext(K3S, K3S, "cloudnova-mine", "203.0.113.7");
    const second = parse(withContext(first, K3S, "cloudnova-mine", "198.51.100.9"));
    expect(second["current-context"]).toBe("default");
    expect(second.contexts.map(({ name }: { name: string }) => name)).toEqual(["default", "cloudnova-mine"]);
    expect(second.clusters.map(({ cluster }: { cluster: { server: string } }) => cluster.server)).toEqual([
      "https://127.0.0.1:6443",
      "https://198.51.100.9:6443",
    ]);
  });
  test.each(["", "apiVersion: v1\nkind: Config\n"])("is not written from what k3s has not finished", (text) => {
    expect(() => withContext("", text, "x", "203.0.113.7")).toThrow("k3s has not finished starting");
  });
  test("is readable by its owner alone", () => {
    const file = join(temporaryFolder("kubeconfig"), "new", "config");
    writeContext(file, K3S, "cloudnova-mine", "203.0.113.7");
    writeContext(file, K3S, "cloudnova-other", "203.0.113.8");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8").match(/server:/g)).toHaveLength(2);
  });
});

describe("ssh", () => {
  const machine: Machine = {
    id: "i-1",
    type: "t3.small",
    state: "running",
    address: "203.0.113.7",
    architecture: "amd64",
    zone: "us-east-1a",
  };
  const env = { PATH: "/none" };
  test("goes to the address, and knows the host by the machine's id", () => {
    const route = routeTo(machine, "cloudnova-mine", settings(), { env });
    expect(route.destination).toBe("ubuntu@203.0.113.7");
    expect(route.options).toContain("HostKeyAlias=cloudnova-mine-i-1");
    expect(route.noK3sAdvice).toContain("cloud-init status --long"); // the first boot runs the script
  });
  test("or through Session Manager, whose programs must be there", () => {
    const folder = temporaryFolder("bin");
    const given = settings({ ssh: "session-manager", region: "eu-west-1" });
    expect(() => routeTo(machine, "x", given, { env })).toThrow("the program aws is not installed");
    for (const name of ["aws", "session-manager-plugin"]) writeFileSync(join(folder, name), "");
    const route = routeTo({ ...machine, address: undefined }, "x", given, { env: { PATH: folder } });
    expect(route.destination).toBe("ubuntu@i-1");
    expect(route.options.join(" ")).toContain("ProxyCommand=aws ssm start-session --region eu-west-1 --target i-1 ");
  });
  test("not to a machine that is stopped, or has no address", () => {
    expect(() => routeTo({ ...machine, state: "stopped" }, "x", settings(), { env })).toThrow("the machine is stopped");
    expect(() => routeTo({ ...machine, address: undefined }, "x", settings(), { env })).toThrow("no public IPv4 address");
  });
});

describe("the public key", () => {
  const home = (file: string, text: string) => {
    const folder = temporaryFolder("home");
    mkdirSync(join(folder, ".ssh"));
    writeFileSync(join(folder, ".ssh", file), text);
    return { HOME: folder };
  };
  test("is that of ssh", () => {
    expect(publicKey(home("id_ed25519.pub", "ssh-ed25519 AAAAC3Nz ana@laptop\n"))).toBe("ssh-ed25519 AAAAC3Nz ana@laptop");
  });
  test.each([
    ["id_ecdsa.pub", "ecdsa-sha2-nistp256 AAAA x"],
    ["id_rsa.pub", "-----BEGIN OPENSSH PRIVATE KEY-----"],
  ])("is not %s with %s", (file, text) => {
    expect(() => publicKey(home(file, text))).toThrow(/has no public ssh key that EC2 takes/);
  });
});
