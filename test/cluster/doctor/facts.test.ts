import { readFacts } from "../../../src/cluster/doctor/facts.ts";
import { parseEnvironment } from "../../../src/config/load.ts";
import { FakeApi } from "../transport/api.ts";

let api: FakeApi;
let asked: string[];
beforeEach(async () => {
  [api, asked] = [await FakeApi.start(), []];
});
afterEach(() => api.stop());

const pod = (namespace: string, name: string, component: string) => ({
  metadata: { namespace, name, labels: { "app.kubernetes.io/name": component, "app.kubernetes.io/component": "application" } },
  spec: { containers: [{ name: component }] },
});
const { config } = parseEnvironment(
  `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  shop: { image: "shop:1", env: { CACHE_HOST: localhost.localdomain.invalid, SMTP_HOST: 10.0.0.5 } }
  blog: { image: "blog:1", ingress: { path: /blog } }
`,
  "mine.yaml",
);

/** Bodies by their paths; every other list is empty. */
const bodies = (pods: readonly object[]): Readonly<Record<string, object>> => ({
  "/version": { gitVersion: "v1.34.2" },
  "/apis": { groups: [] },
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": { status: { allowed: true } },
  "/api/v1/pods": { items: pods },
});

/** The facts, where the server has these pods, and their outputs by the name of the pod. */
function facts(pods: readonly object[], outputs: Readonly<Record<string, string>>) {
  api.intercept = ({ url = "" }, response) => {
    const { pathname, search } = new URL(url, "https://api");
    const [, name] = /\/pods\/([^/]+)\/log$/.exec(pathname) ?? [];
    if (name === undefined) {
      const body = bodies(pods)[pathname] ?? { items: [] };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
      return true;
    }
    asked.push(`${pathname}${search}`);
    response.writeHead(outputs[name] === undefined ? 404 : 200, { "content-type": "text/plain" }).end(outputs[name]);
    return true;
  };
  return readFacts(api.client(), config, []);
}

test("the last lines of every pod of an application are read, and of no other", async () => {
  const pods = [
    pod("cloudnova-shop", "shop-1", "shop"),
    pod("cloudnova-shop", "shop-2", "shop"),
    pod("cloudnova-blog", "blog-1", "blog"),
    pod("others", "shop-3", "shop"),
    pod("cloudnova", "webapp-1", "webapp"),
  ];
  const { outputs } = await facts(pods, { "shop-1": "one\n", "shop-2": "two\n", "shop-3": "foreign" });
  expect(outputs).toEqual({ shop: "one\n\ntwo\n", blog: "" });
  expect(asked.sort()).toEqual([
    "/api/v1/namespaces/cloudnova-blog/pods/blog-1/log?container=blog&tailLines=200",
    "/api/v1/namespaces/cloudnova-shop/pods/shop-1/log?container=shop&tailLines=200",
    "/api/v1/namespaces/cloudnova-shop/pods/shop-2/log?container=shop&tailLines=200",
  ]);
});

test("hosts that DNS does not know, and addresses, have no entry", async () => expect((await facts([], {})).hostAddresses).toEqual({}));
