import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { completed, portMappings, readKindConfiguration } from "../../src/target/kind-config.ts";
import { synthesiseText } from "../manifests.ts";
import { failure } from "./failure.ts";

const { config } = loadEnvironment("environments/kind.yaml");
const folder = mkdtempSync(join(tmpdir(), "cloudnova-kind-config-"));
const file = join(folder, "my-kind.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

/** The configuration of a file of the user's. */
function read(text: string) {
  writeFileSync(file, text);
  return readKindConfiguration({ env: { CLOUDNOVA_KIND_CONFIG: file } });
}

test("the shipped kind.yaml is what `up` gives kind for the environment: its NodePorts at the ports that redirects and links name, on loopback only", () => {
  const shipped = parse(readFileSync("kind.yaml", "utf8"));
  expect(completed(shipped, "cloudnova", config, "node:1")).toEqual({ ...shipped, nodes: [{ ...shipped.nodes[0], image: "node:1" }] });
  expect(readKindConfiguration({ env: {} })).toEqual(shipped);
  expect(portMappings(config).map(({ listenAddress }) => listenAddress)).toEqual(["127.0.0.1", "127.0.0.1"]);
});

test("an environment with other NodePorts gets a cluster that leads to them, and to no others", () => {
  const text = "cluster: kind\nmachine: { memory: 8Gi, cpu: '4' }\ningress: { nodePorts: { http: 31080, https: 31443 } }\n";
  const shipped = parse(readFileSync("kind.yaml", "utf8"));
  const [node] = completed(shipped, "mine", parseEnvironment(text, "mine.yaml").config, "node:1").nodes ?? [];
  expect(node?.extraPortMappings).toEqual([
    { containerPort: 31_080, hostPort: 8080, listenAddress: "127.0.0.1" },
    { containerPort: 31_443, hostPort: 8443, listenAddress: "127.0.0.1" },
  ]);
});

test("an environment with other public ports gets a cluster that has them, and redirects that name them", () => {
  const text = "cluster: kind\nmachine: { memory: 8Gi, cpu: '4' }\ningress: { ports: { http: 9080, https: 9443 } }\n";
  expect(portMappings(parseEnvironment(text, "mine.yaml").config)).toMatchObject([
    { containerPort: 30_080, hostPort: 9080 },
    { containerPort: 30_443, hostPort: 9443 },
  ]);
  const redirects = [...synthesiseText(text).files.values()].flatMap((file) => [...file.matchAll(/^ +port: "(\d+)"$/gm)]);
  expect(redirects.map(([, port]) => port)).toEqual(["9443"]);
});

test("a file that the user has edited is kept, but for name, the environment's ports and the image of nodes that name none", () => {
  const edited = read(`
kind: Cluster
name: mine
apiVersion: kind.x-k8s.io/v1alpha4
featureGates: { SidecarContainers: true }
networking: { podSubnet: 10.100.0.0/16 }
nodes:
  - role: worker
    image: kindest/node:v1.33.1
  - role: control-plane
    extraMounts: [{ hostPath: /data, containerPath: /data }]
    kubeadmConfigPatches: ["kind: KubeletConfiguration"]
    extraPortMappings:
      - { containerPort: 30080, hostPort: 9999 }
      - { containerPort: 30443, hostPort: 8443, listenAddress: 0.0.0.0 }
      - { containerPort: 32000, hostPort: 32000 }
`);
  expect(completed(edited, "cloudnova", config, "node:1")).toEqual({
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    name: "cloudnova",
    featureGates: { SidecarContainers: true },
    networking: { podSubnet: "10.100.0.0/16" },
    nodes: [
      { role: "worker", image: "kindest/node:v1.33.1" },
      {
        role: "control-plane",
        image: "node:1",
        extraMounts: [{ hostPath: "/data", containerPath: "/data" }],
        kubeadmConfigPatches: ["kind: KubeletConfiguration"],
        extraPortMappings: [
          { containerPort: 30_080, hostPort: 8080, listenAddress: "127.0.0.1" },
          { containerPort: 30_443, hostPort: 8443, listenAddress: "127.0.0.1" },
          { containerPort: 32_000, hostPort: 32_000 },
        ],
      },
    ],
  });
});

test("without nodes there is one control plane", () => {
  const base = read("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n");
  expect(completed(base, "cloudnova", config, "node:1").nodes).toMatchObject([{ role: "control-plane", image: "node:1" }]);
});

test.each([
  [
    "kind: Deployment\napiVersion: apps/v1\n",
    /my-kind\.yaml is not a cluster configuration of kind: found kind: Deployment, apiVersion: apps\/v1 → it must have kind: Cluster/,
  ],
  ["kind: Cluster\n", /apiVersion: undefined → /],
  ["- a\n- b\n", /not a cluster configuration of kind: found not a mapping of keys/],
  ["", /not a cluster configuration of kind/],
  ["kind: [\n", /my-kind\.yaml is not YAML: /],
  ["kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: 3\n", /nodes is not a list of nodes/],
  [
    "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{ role: worker }]\n",
    /none of its nodes has the role control-plane → add '- role: control-plane'/,
  ],
])("%j is refused in words", (text, words) => {
  expect(failure(() => read(text))).toMatch(words);
});

test("a named file that is not there is refused, the usual one may be missing", () => {
  expect(failure(() => readKindConfiguration({ env: { CLOUDNOVA_KIND_CONFIG: join(folder, "none.yaml") } }))).toMatch(
    /none\.yaml cannot be read \(ENOENT\) → CLOUDNOVA_KIND_CONFIG contains this path/,
  );
  const here = process.cwd();
  try {
    process.chdir(folder);
    expect(readKindConfiguration({ env: {} })).toEqual({ kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4" });
  } finally {
    process.chdir(here);
  }
});
