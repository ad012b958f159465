import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { loadEnvironment } from "../src/config/load.ts";

test("kind.yaml maps the environment's NodePorts to the ports that redirects and links name, on loopback only", () => {
  const { config } = loadEnvironment("environments/kind.yaml");
  const { nodePorts } = config.ingress;
  const open = config.facts.publicPorts(nodePorts);
  expect(parse(readFileSync("kind.yaml", "utf8")).nodes[0].extraPortMappings).toEqual([
    { containerPort: nodePorts.http, hostPort: open.http, listenAddress: "127.0.0.1" },
    { containerPort: nodePorts.https, hostPort: open.https, listenAddress: "127.0.0.1" },
  ]);
});
