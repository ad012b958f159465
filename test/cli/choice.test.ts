import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { choose } from "../../src/cli/choice.ts";
import { nextSteps } from "../../src/cli/next-steps.ts";
import { run } from "../../src/cli/run.ts";
import type { Session } from "../../src/cli/session.ts";
import { INVENTORY } from "../../src/cluster/apply/inventory.ts";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { printed, printedFor, printFor } from "../../src/printed.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import { DOCKER, Machine } from "../target/fake-machine.ts";

// Which environment and which cluster a command means: one rule, on machines of made-up programs and with an API server in memory.
let machine: Machine;
let api: FakeApi;
const before = process.env.KUBECONFIG;

beforeEach(async () => {
  machine = new Machine();
  machine.program("docker", DOCKER);
  api = await FakeApi.start();
  process.env.KUBECONFIG = join(machine.folder, "kubeconfig");
  writeFileSync(process.env.KUBECONFIG, api.kubeconfig("kind-cloudnova", "my-server"));
});
afterEach(() => {
  api.stop();
  machine.remove();
  if (before === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = before;
  printFor("", []);
});

const deploy = (environment: string, namespace = environment) =>
  api.put(`/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: INVENTORY, namespace }, data: { environment } });
const choice = (argument?: string, options = {}, env = {}, choosing = {}) =>
  choose(machine.around({ K3S_KUBECONFIG_OUTPUT: join(machine.folder, "none"), ...env }), argument, options, choosing);
const kind = { name: "kind" };
const mine = { name: "context", context: "my-server", kubeconfig: undefined };

test("the name that the command line gives comes first, then CLOUDNOVA_ENV", async () => {
  deploy("shop");
  expect(await choice("kind", {}, { CLOUDNOVA_ENV: "stand-ins" })).toEqual({ environment: "kind", target: kind, named: true });
  expect(await choice(undefined, {}, { CLOUDNOVA_ENV: "stand-ins" })).toEqual({ environment: "stand-ins", target: kind, named: true });
});

test("an environment with a machine on EC2 means that machine, and its server's name before it; a target that is named comes first", async () => {
  const write = (name: string, more: string) => {
    const file = join(machine.folder, `${name}.yaml`);
    writeFileSync(file, `cluster: k3s\nmachine: { instance: t3.small${more} }\nec2: {}\n`);
    return file;
  };
  // AWS is not asked for that: `doctor --offline` needs no address.
  expect((await choice(write("mine", ""))).target).toEqual({ name: "ssh", ec2: true, implied: true });
  expect((await choice(write("mine", ""), { context: "my-server" })).target).toEqual(mine);
  const server = { destination: "ana@shop.example.com", options: [] };
  expect((await choice(write("named", ", ssh: ana@shop.example.com"))).target).toEqual({ name: "ssh", ssh: server, implied: true });
});

test("else it is the only environment that the cluster runs: the one that was named, or the one that up takes here", async () => {
  expect(await choice()).toEqual({ environment: "kind", target: kind, named: false }); // nothing runs there yet
  deploy("shop");
  expect(await choice()).toEqual({ environment: "shop", target: kind, named: false });
  expect(await choice(undefined, { target: "kind" })).toEqual({ environment: "shop", target: kind, named: true });
  expect(await choice(undefined, { context: "my-server" })).toEqual({ environment: "shop", target: mine, named: true });
});

test("without a cluster that answers it is the target's own, and no cluster is asked offline", async () => {
  deploy("shop");
  expect(await choice(undefined, {}, {}, { offline: true })).toMatchObject({ environment: "kind" });
  api.stop();
  expect(await choice()).toMatchObject({ environment: "kind", target: kind });
});

/** Backups that outlive the machine. */
const KEPT =
  "{ recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p], store: { endpoint: 'https://s3.example.com', bucket: mine } }";
const DEPRECATED = 'cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\nwebapp: { replicas: 1 }\n';
const NOTICE = `webapp at the top is deprecated and will be refused by a later release; write instead:
  applications:
    webapp:
      sample:
        replicas: 1
`;

test.each([["apply"], ["diff"], ["doctor", "--offline"]])("%s prints what to change in the environment's file, once", async (...args) => {
  const file = join(machine.folder, "mine.yaml");
  writeFileSync(file, DEPRECATED);
  const { stderr, shown, env } = machine.around();
  const [command = "", ...options] = args;
  // Nothing was synthesised for it, so the file is read again for that.
  expect(await run([command, file, ...options], { stdin: process.stdin, stdout: new PassThrough(), stderr, env })).not.toBe(0);
  expect(shown().split(`${file}: ${NOTICE}`)).toHaveLength(2);
});

test("several environments in one cluster, or none in a cluster of a kubeconfig, are told", async () => {
  await expect(choice(undefined, { context: "my-server" })).rejects.toThrow("no environment was given");
  deploy("shop");
  deploy("blog");
  await expect(choice()).rejects.toThrow("this cluster runs several environments: blog, shop");
});

test("on a machine that can have no cluster a name is asked for", async () => {
  machine.set("docker-down");
  await expect(choice()).rejects.toMatchObject({ message: "no environment was given", advice: expect.stringContaining("give its name") });
});

test("what deletes or replaces wants the name in the command line", async () => {
  deploy("shop");
  const wantsName = { wantsName: true };
  await expect(choice(undefined, { target: "kind" }, { CLOUDNOVA_ENV: "kind" }, wantsName)).rejects.toThrow("no environment was given");
  expect(await choice("shop", { target: "kind" }, {}, wantsName)).toMatchObject({ environment: "shop" });
});

test.each([["down"], ["down", "--target", "kind", "--yes"], ["apply"], ["drill"], ["drill", "--repair"], ["verify", "--thorough"]])(
  "%j without a name ends with 1, and nothing was sent",
  async (...args) => {
    deploy("shop");
    const { stderr, shown } = machine.around();
    const io = { stdin: process.stdin, stdout: stderr, stderr, env: { CLOUDNOVA_ENV: "kind" } };
    expect(await run(args, io)).toBe(1);
    expect(shown()).toMatch(/no environment was given\n {2}→ this command deletes or replaces/);
    expect(api.writes).toEqual([]);
  },
);

test("an alert in the environment's place is told as such", async () => {
  const { stderr, shown } = machine.around();
  expect(await run(["drill", "MysqlDown"], { stdin: process.stdin, stdout: stderr, stderr, env: {} })).toBe(1);
  expect(shown()).toContain("the environment comes before the alert 'MysqlDown'");
});

test("printed commands name the environment and the cluster that a run is about", () => {
  expect(printed("status")).toBe("npx cloudnova status");
  printFor("my shop.yaml", ["--context", "my-server"]);
  expect(printed("drill", "--repair")).toBe("npx cloudnova drill 'my shop.yaml' --context my-server --repair");
  expect(printedFor("down", "blog")).toBe("npx cloudnova down blog --context my-server");
});

describe("the end of up", () => {
  const steps = (file: string, target: Session["target"], change = {}) => {
    const { config, ...rest } = loadEnvironment(file);
    const kept = parseEnvironment(`cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\nbackups: ${KEPT}\n`, "environments/kept.yaml");
    const environment = async () => ({ ...rest, config: { ...config, backups: kept.config.backups, ...change } });
    const session = { io: { env: {} }, target, environment, client: { connection: { context: "c" } } } as unknown as Session;
    return nextSteps(session, "203.0.113.7");
  };
  const shows = (secret: string) => `-n cloudnova get secret ${secret} -o go-template='{{index .data "admin-password" | base64decode}}'`;

  test("warns where losing the machine loses everything", async () => {
    const told = await steps("environments/kind.yaml", { name: "kind" }, { backups: false });
    expect(told).toContainEqual(expect.stringMatching(/^No backups are made/));
  });

  test("tells the address, Grafana, the commands that show passwords, and the next command", async () => {
    printFor("kind", []);
    expect(await steps("environments/kind.yaml", { name: "kind" })).toEqual([
      "Application: https://localhost:8443/",
      "Grafana: 'npx cloudnova open kind', then log in at http://localhost:3000/ as admin; this command shows the password:",
      `  kubectl --context c ${shows("grafana")}`,
      "Next: 'npx cloudnova status kind' shows the state of every workload; 'npx cloudnova --help' lists the other commands",
    ]);
  });

  test("on a server: by name and by address, k3s' own kubectl, the login for changes", async () => {
    const [application, , webapp] = await steps("environments/k3s-ec2.yaml", { name: "k3s" });
    expect(application).toBe("Application: https://cloudnova.example.com/  https://203.0.113.7/");
    expect(webapp).toBe(`  k3s kubectl ${shows("webapp")}`);
    const [, , byContext] = await steps("environments/k3s-ec2.yaml", { name: "context", context: "c", kubeconfig: "/k" });
    expect(byContext).toBe(`  kubectl --kubeconfig /k --context c ${shows("webapp")}`);
  });

  test("the addresses of the user's own applications, and none of a sample that does not run", async () => {
    const { applications } = parseEnvironment(
      `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  shop: { image: "ghcr.io/me/shop:1", ingress: { path: /shop } }
  blog: { image: "ghcr.io/me/blog:1", ingress: { host: blog.localhost } }
`,
      "mine.yaml",
    ).config;
    printFor("kind", []);
    const lines = await steps("environments/kind.yaml", { name: "kind" }, { applications, sample: false });
    expect(lines.slice(0, 3)).toEqual([
      "Application shop: https://localhost:8443/shop/",
      "Application blog: https://blog.localhost:8443/",
      expect.stringMatching(/^Grafana: /),
    ]);
  });

  test("no word of Grafana where there is none", async () => {
    const { monitoring } = loadEnvironment("environments/kind.yaml").config;
    const lines = await steps("environments/kind.yaml", { name: "kind" }, { monitoring: { ...monitoring, grafana: false } });
    expect(lines.join()).not.toContain("Grafana");
  });
});
