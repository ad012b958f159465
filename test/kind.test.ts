import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { loadEnvironment, parseEnvironment } from "../src/config/load.ts";
import { kindConfiguration, portMappings } from "../src/target/kind.ts";

test("kind.yaml is what `up` gives kind for its environment: its NodePorts at the ports that redirects and links name, on loopback only", () => {
  const { config } = loadEnvironment("environments/kind.yaml");
  expect(parse(readFileSync("kind.yaml", "utf8"))).toEqual(kindConfiguration(config));
  expect(portMappings(config).map(({ listenAddress }) => listenAddress)).toEqual(["127.0.0.1", "127.0.0.1"]);
});

test("an environment with other NodePorts gets a cluster that leads to them", () => {
  const text = "cluster: kind\nmachine: { memory: 8Gi, cpu: '4' }\ningress: { nodePorts: { http: 31080, https: 31443 } }\n";
  expect(portMappings(parseEnvironment(text, "mine.yaml").config)).toMatchObject([
    { containerPort: 31_080, hostPort: 8080 },
    { containerPort: 31_443, hostPort: 8443 },
  ]);
});
