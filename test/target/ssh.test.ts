import { load } from "js-yaml";
import type { ClusterError } from "../../src/cluster/cluster-error.ts";
import { connect } from "../../src/cluster/transport/connection.ts";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";
import { printFor } from "../../src/printed.ts";
import { contentOf, ownBuild } from "../../src/target/build.ts";
import { deliverImage } from "../../src/target/image.ts";
import { namedTarget } from "../../src/target/names.ts";
import { reach } from "../../src/target/place.ts";
import { ownProcessor } from "../../src/target/processor.ts";
import { closeRemotes, openRemote } from "../../src/target/ssh.ts";
import { sshAddress, sshTarget } from "../../src/target/ssh-address.ts";
import { DOCKER, K3S, Machine, ssh } from "./fake-machine.ts";

// A made-up ssh, whose server is this machine; the real one is tried in test/real/ssh.test.ts.
const IMAGE = "cloudnova-webapp:1.0.0";
const NAME = `docker.io/library/${IMAGE}`;
const { config } = loadEnvironment("environments/k3s-ec2.yaml");
const build = ownBuild("webapp", IMAGE);
const address = sshAddress("ubuntu@203.0.113.7");
/** A processor that this machine does not have, as Linux and as images name it. */
const [machineName, other] = ownProcessor() === "arm64" ? ["x86_64", "amd64"] : ["aarch64", "arm64"];

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
  for (const [name, body] of Object.entries({ ssh: ssh(machine.bin), k3s: K3S, docker: DOCKER })) machine.program(name, body);
  machine.set("k3s-up");
});
afterEach(() => {
  closeRemotes();
  machine.remove();
});

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing failed",
    (error: ClusterError) => `${error.message} → ${error.advice}`,
  );
const open = (around = machine.around()) => openRemote(around, address);
const calls = (name: string) => machine.calls.filter((call) => call.startsWith(`${name} `));

describe("an address", () => {
  test.each([
    ["ubuntu@203.0.113.7", "ubuntu@203.0.113.7", []],
    ["my-server", "my-server", []],
    ["ubuntu@app.example.com:2222", "ubuntu@app.example.com", ["-p", "2222"]],
    ["ubuntu@[2001:db8::7]:2222", "ubuntu@2001:db8::7", ["-p", "2222"]],
    ["[2001:db8::7]", "2001:db8::7", []],
  ])("%s", (text, destination, options) => {
    expect(namedTarget({ target: `ssh:${text}` })).toEqual({ name: "ssh", ssh: { destination, options } });
  });

  test.each(["ubuntu@203.0.113.7", "ubuntu@app.example.com:2222", "ubuntu@[2001:db8::7]:2222"])("%s is printed as it was given", (text) => {
    expect(sshTarget(sshAddress(text))).toBe(`ssh:${text}`);
  });

  test.each(["-oProxyCommand=touch /tmp/x", "ubuntu@-oProxyCommand=x", "a b", "ubuntu@host;id", "ubuntu@", "$(id)"])(
    "%j is refused",
    (text) => {
      expect(() => namedTarget({ target: `ssh:${text}` })).toThrow(/is no address of a server/);
    },
  );

  test("a kubeconfig is no other name for a server", () => {
    expect(() => namedTarget({ target: "ssh:ubuntu@a", kubeconfig: "k" })).toThrow(/refer to two clusters/);
  });
});

test("one connection is opened, and shared by all commands", async () => {
  const around = machine.around();
  const remote = await open(around);
  expect(await open(around)).toBe(remote);
  expect(remote).toMatchObject({ host: "203.0.113.7", processor: ownProcessor() });
  await remote.mustK3s(["kubectl", "get", "--raw", "/readyz"]);
  expect(calls("ssh").filter((call) => call.includes("ControlMaster=yes"))).toHaveLength(1);
  expect(calls("k3s")).toEqual(["k3s kubectl get --raw /readyz"]);
});

test("the kubeconfig leads through the connection, and the ingress is the server's own address", async () => {
  const kubeconfig = `apiVersion: v1
clusters:
- cluster: { certificate-authority-data: QQ==, server: "https://127.0.0.1:6443" }
  name: default
contexts:
- context: { cluster: default, user: default }
  name: default
current-context: default
kind: Config
users:
- name: default
  user: { client-certificate-data: QQ==, client-key-data: QQ== }
`;
  machine.set("kubeconfig", kubeconfig);
  machine.program("cat", 'if [ "$1" = /etc/rancher/k3s/k3s.yaml ]; then exec /bin/cat kubeconfig; else exec /bin/cat "$@"; fi');
  const target = await reach(machine.around(), { name: "ssh", ssh: address });
  const { context, server, ingress } = await connect(target);
  expect({ context, ingress }).toEqual({ context: "ubuntu@203.0.113.7", ingress: "203.0.113.7" });
  const port = /-L 127\.0\.0\.1:(\d+):127\.0\.0\.1:6443/.exec(calls("ssh").join("\n"))?.[1];
  expect(server).toBe(`https://127.0.0.1:${port}`);
  expect(load(target.text ?? "")).toMatchObject({ users: [{ user: { "client-key-data": "QQ==" } }] });
});

describe("an image", () => {
  const deliver = async (around = machine.around()) =>
    deliverImage(around, config, build, { to: "ssh", builder: "docker", engine: "docker", remote: await open(around) });
  const steps = () => machine.calls.filter((call) => /^(docker (build|save)|k3s ctr)/.test(call));

  test("is built, and brought into the server's containerd", async () => {
    await deliver();
    expect(steps()).toEqual([
      `docker build --label dev.cloudnova.content=HASH --tag ${NAME} webapp`,
      `docker save --output TMP/image.tar ${NAME}`,
      "k3s ctr images import -",
      `k3s ctr images label ${NAME} io.cri-containerd.pinned=pinned`,
    ]);
    expect(machine.state("imported")).toBe("image\n");
  });

  test("that the server has by its content is neither built nor brought", async () => {
    machine.set("in-k3s", JSON.stringify({ status: { id: `sha256:${"0".repeat(64)}`, pinned: true }, info: { label: contentOf(build) } }));
    expect(await deliver()).toEqual([`sha256:${"0".repeat(64)}`]);
    expect(steps()).toEqual([]);
  });

  test("is built for the server's processor, also where this machine has it for its own", async () => {
    machine.program("uname", `echo ${machineName}`);
    machine.set("built", JSON.stringify([{ Architecture: ownProcessor(), Config: { Labels: { content: contentOf(build) } } }]));
    // The made-up builder heeds no --platform: the result is not brought.
    expect(await failure(deliver())).toContain(`is for ${ownProcessor()}, and the cluster's node has ${other}`);
    expect(steps()[0]).toBe(`docker build --platform linux/${other} --label dev.cloudnova.content=HASH --tag ${NAME} webapp`);
  });

  test.each([
    ["exec /bin/sh: exec format error", `this machine cannot run programs of ${other}`],
    ['"--platform" is only supported on a Docker daemon with experimental features enabled', "needs BuildKit"],
  ])("cannot be built for it: %s", async (text, advice) => {
    machine.program("uname", `echo ${machineName}`);
    machine.set("build-fails", text);
    expect(await failure(deliver())).toContain(advice);
    expect(steps().filter((call) => call.includes("ctr"))).toEqual([]);
  });

  test("that does not fit on the server's disk", async () => {
    machine.set("k3s-full");
    expect(await failure(deliver())).toMatch(/^k3s ctr images import on ubuntu@203\.0\.113\.7: .*no space left on device → /);
  });
});

describe("no connection", () => {
  test.each([
    [
      "@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
      /another host key than the one in your known_hosts → .*ssh-keygen -R 203\.0\.113\.7/,
    ],
    [
      "No ED25519 host key is known for 203.0.113.7 and you have requested strict checking.\nHost key verification failed.",
      /host key is not known here → connect once by hand/,
    ],
    ["ubuntu@203.0.113.7: Permission denied (publickey).", /does not accept this user or key → check the user \(ubuntu on Ubuntu's/],
    ["ssh: Could not resolve hostname nowhere: Name or service not known", /no such host → check the name/],
    ["ssh: connect to host 203.0.113.7 port 22: Connection refused", /connection refused → check that the server has started/],
    ["ssh: connect to host 203.0.113.7 port 22: Connection timed out", /no response → .*security group/],
    ["ssh: connect to host 203.0.113.7 port 22: No route to host", /no response → /],
    [
      "kex_exchange_identification: read: Connection reset by peer",
      /ssh ubuntu@203\.0\.113\.7: kex_exchange_identification: read: Connection reset by peer → find out with: ssh -v/,
    ],
  ])("%s", async (text, words) => {
    machine.set("ssh-fails", text);
    expect(await failure(open())).toMatch(words);
  });

  test("a port is part of the commands to type", async () => {
    machine.set("ssh-fails", "ubuntu@203.0.113.7: Permission denied (publickey).");
    expect(await failure(openRemote(machine.around(), sshAddress("ubuntu@203.0.113.7:2222")))).toMatch(
      /until this works: ssh -p 2222 ubuntu@203\.0\.113\.7$/,
    );
  });

  test("no ssh on this machine", async () => {
    machine.program("ssh", "exit 127");
    expect(await failure(openRemote(machine.around({ PATH: "/does/not/exist" }), address))).toMatch(
      /^ssh: the program is not installed → install it/,
    );
  });

  test("root takes a password", async () => {
    machine.program("id", "echo 1000");
    machine.program("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    expect(await failure(open())).toBe(
      "ubuntu@203.0.113.7 may not run commands as root without a password → use a user that may (ubuntu on EC2), or allow it on the server: echo 'ubuntu ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/cloudnova",
    );
  });

  test("with sudo, every command of k3s runs by it", async () => {
    machine.program("id", "echo 1000");
    machine.program("sudo", 'shift; exec "$@"');
    await (await open()).mustK3s(["ctr", "images", "label", NAME, "a=b"]).catch(() => undefined);
    expect(calls("sudo").at(-1)).toMatch(/^sudo -n \S+\/k3s ctr images label /);
  });

  test("no k3s there", async () => {
    const without = new Machine();
    without.program("ssh", ssh(without.bin));
    printFor("mine", ["--target", "ssh:ubuntu@203.0.113.7"]);
    expect(await failure(openRemote(without.around(), address))).toBe(
      "k3s is not installed on ubuntu@203.0.113.7 → prepare the server: npx cloudnova server script mine | ssh ubuntu@203.0.113.7 sudo bash",
    );
    expect(await failure(openRemote(without.around(), { ...address, noK3sAdvice: "wait" }))).toBe(
      "k3s is not installed on ubuntu@203.0.113.7 → wait",
    );
    printFor("", []);
    without.remove();
  });

  test("in Spanish", async () => {
    setLocale("es");
    machine.set("ssh-fails", "ubuntu@203.0.113.7: Permission denied (publickey).");
    expect(await failure(open())).toMatch(
      /^ssh ubuntu@203\.0\.113\.7: el servidor no acepta este usuario o esta clave → revise el usuario/,
    );
    setLocale("en");
  });

  test("Ctrl-C ends the wait", async () => {
    machine.program("ssh", "exec /bin/sleep 20");
    const around = machine.around();
    const opened = open(around);
    setTimeout(() => around.interrupt.abort(), 200);
    expect(await failure(opened)).toMatch(/interrupted/i);
  });
});

const faults = (text: string): string => {
  try {
    parseEnvironment(text, "mine.yaml");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ["cluster: k3s\nmachine: { instance: t3.small, ssh: ubuntu@203.0.113.7 }", ""],
  ["cluster: k3s\nmachine: { instance: t3.small, ssh: -oProxyCommand=id }", "machine.ssh"],
  ["cluster: k3s\nmachine: { instance: t3.small, ssh: ubuntu@a b }", "such as ubuntu@203.0.113.7"],
  ["cluster: kind\nmachine: { instance: t3.small, ssh: ubuntu@203.0.113.7 }", "a server that ssh reaches runs k3s, and cluster is kind"],
])("%j as an environment", (text, words) => {
  if (words === "") expect(faults(text)).toBe("");
  else expect(faults(text)).toContain(words);
});
