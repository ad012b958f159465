import type { App } from "cdk8s";
import { createApp } from "../../charts/app.ts";
import { parseEnvironment } from "../../src/config/load.ts";

// A construct's id is fixed: two ids in one scope must differ, and a user may choose any name.

/** The path of every construct, but for the charts' own ids. */
const pathsOf = (app: App) => app.node.findAll().map(({ node }) => node.path.split("/").slice(1).join("/"));

/** An environment whose user has put `word` into every name that he chooses. */
function appNamed(word: string): App {
  const secrets = Object.fromEntries(["database", "webapp", "grafana", "certificate", "alerting"].map((key) => [key, `${word}-${key}`]));
  const text = JSON.stringify({
    cluster: "kind",
    namespace: word,
    machine: { memory: "8Gi", cpu: "4" },
    ingress: { host: `${word}.example.com` },
    monitoring: { grafana: true },
    alerting: { webhook: {} },
    secrets,
    applications: {
      webapp: { sample: {} },
      [word]: {
        image: "a:1",
        volumes: { [word]: { path: "/srv" } },
        secrets: { [word]: { generate: true, file: "/run/x" } },
        ingress: { path: `/${word}` },
      },
    },
  });
  const environment = parseEnvironment(text, `environments/${word}.yaml`);
  const dashboard = { title: word, uid: word };
  return createApp({ ...environment, imported: [{ name: word, source: word, metrics: {}, dashboard }] });
}

test("no name of the user's is a part of an id", () => {
  const [one, other] = [appNamed("zebra"), appNamed("own")].map(pathsOf);
  expect(one).toEqual(other);
  expect(one?.filter((path) => path.includes("zebra"))).toEqual([]);
  expect(one?.length).toBeGreaterThan(100);
});
