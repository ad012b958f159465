import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { loadEnvironment, parseEnvironment } from "../src/config/load.ts";
import { kindConfiguration, portMappings } from "../src/target/kind.ts";
import { synthesiseText } from "./manifests.ts";

test("kind.yaml is what `up` gives kind for its environment: its NodePorts at the ports that redirects and links name, on loopback only", () => {
  const { config } = loadEnvironment("environments/kind.yaml");
  expect(parse(readFileSync("kind.yaml", "utf8"))).toEqual(kindConfiguration(config));
  expect(portMappings(config).map(({ listenAddress }) => listenAddress)).toEqual(["127.0.0.1", "127.0.0.1"]);
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

test("an environment with other NodePorts gets a cluster that leads to them", () => {
  const text = "cluster: kind\nmachine: { memory: 8Gi, cpu: '4' }\ningress: { nodePorts: { http: 31080, https: 31443 } }\n";
  expect(portMappings(parseEnvironment(text, "mine.yaml").config)).toMatchObject([
    { containerPort: 31_080, hostPort: 8080 },
    { containerPort: 31_443, hostPort: 8443 },
  ]);
});
