import type { IncomingMessage } from "node:http";
import { sendObject } from "../../../src/cluster/apply/send.ts";
import { orphanedReplicas, withoutClientSide, withoutLeftBehind } from "../../../src/cluster/apply/takeover.ts";
import type { KubeObject, ManagedFields } from "../../../src/cluster/objects/kube-object.ts";
import { originOf } from "../../../src/cluster/objects/managers.ts";
import { Discovery } from "../../../src/cluster/transport/discovery.ts";
import { FakeApi } from "../transport/api.ts";

const LABEL = { "f:labels": { "f:app.kubernetes.io/managed-by": {} } };
const kubectl: ManagedFields = {
  manager: "kubectl-client-side-apply",
  operation: "Update",
  time: "2026-11-26T10:00:00Z",
  fieldsV1: {
    "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/last-applied-configuration": {} }, ...LABEL },
    "f:spec": { "f:replicas": {}, "f:template": { "f:spec": { "f:hostname": {} } } },
  },
};
const ours: ManagedFields = {
  manager: "cloudnova",
  operation: "Apply",
  time: "2026-11-26T11:00:00Z",
  fieldsV1: { "f:metadata": LABEL, "f:spec": { "f:paused": {}, "f:template": { "f:spec": { "f:subdomain": {} } } } },
};
const controller: ManagedFields = {
  manager: "kube-controller-manager",
  operation: "Update",
  subresource: "status",
  fieldsV1: { "f:status": {} },
};
const webapp = (managedFields: ManagedFields[], spec: object = { replicas: 3 }): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "webapp", namespace: "shop", resourceVersion: "7", managedFields },
  spec,
});

describe("the record of who set which field", () => {
  test("kubectl's entry becomes ours where we have none, and others stay", () => {
    expect(withoutClientSide(webapp([kubectl, controller]))).toEqual([
      { ...kubectl, manager: "cloudnova", operation: "Apply" },
      controller,
    ]);
  });

  test("where we have one, it becomes the union of both", () => {
    expect(withoutClientSide(webapp([kubectl, controller, ours]))).toEqual([
      {
        ...ours,
        fieldsV1: {
          "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/last-applied-configuration": {} }, ...LABEL },
          "f:spec": {
            "f:paused": {},
            "f:replicas": {},
            "f:template": { "f:spec": { "f:subdomain": {}, "f:hostname": {} } },
          },
        },
      },
      controller,
    ]);
  });

  test("entries of kubectl's other commands are left alone", () => {
    const edit = { ...kubectl, manager: "kubectl-edit" };
    expect(withoutClientSide(webapp([edit, ours]))).toEqual([edit, ours]);
  });
});

test("a dry run shows what goes because kubectl alone has set it", () => {
  const container = (name: string, more: object = {}) => ({ name, image: `${name}:1`, imagePullPolicy: "IfNotPresent", ...more });
  const fields = (names: object, labels: object) => ({
    "f:metadata": { "f:labels": labels },
    "f:spec": { "f:paused": {}, "f:containers": names },
  });
  const one = { ".": {}, "f:name": {}, "f:image": {} };
  const [web, side] = ['k:{"name":"web"}', 'k:{"name":"side"}'];
  const theirs = { ...kubectl, fieldsV1: fields({ [web]: { ...one, "f:tty": {} }, [side]: one }, { "f:old": {}, "f:kept": {} }) };
  const own = { ...ours, fieldsV1: fields({ [web]: one }, { "f:kept": {} }) };
  const live = webapp([theirs, own, controller], { paused: true, containers: [container("web", { tty: true }), container("side")] });
  const file = {
    metadata: { labels: { old: "1", kept: "2" } },
    spec: { containers: [container("web", { tty: true }), container("side")] },
  };
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(file) };
  const labelled = { ...live, metadata: { ...live.metadata, annotations, labels: { old: "1", kept: "2", theirs: "3" } } };
  expect(withoutLeftBehind(labelled)).toEqual({
    ...labelled,
    metadata: { ...labelled.metadata, labels: { kept: "2", theirs: "3" } },
    spec: { paused: true, containers: [container("web")] },
  });
});

test("a default of the server's, which kubectl's entry holds too, does not go", () => {
  const theirs = { ...kubectl, fieldsV1: { "f:spec": { "f:hostname": {}, "f:completionMode": {} } } };
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ spec: { hostname: "one" } }) };
  const live = webapp([theirs, ours], { hostname: "one", completionMode: "NonIndexed" });
  const applied = { ...live, metadata: { ...live.metadata, annotations } };
  expect(withoutLeftBehind(applied).spec).toEqual({ completionMode: "NonIndexed" });
});

describe("replicas that would fall to 1", () => {
  const scaled = webapp([], {});
  const own = { ...ours, fieldsV1: { "f:spec": { "f:replicas": {} } } };
  const autoscaler = { ...controller, subresource: "scale", fieldsV1: { "f:spec": { "f:replicas": {} } } };
  test.each<[string, KubeObject, KubeObject | undefined, number | undefined]>([
    ["ours alone", scaled, webapp([own]), 3],
    ["kubectl's, which become ours", scaled, webapp([kubectl]), 3],
    ["the autoscaler's", scaled, webapp([own, autoscaler]), undefined],
    ["nobody's", scaled, webapp([controller]), undefined],
    ["in the manifest", webapp([], { replicas: 2 }), webapp([own]), undefined],
    ["of an object that is not there", scaled, undefined, undefined],
  ])("%s", (_, object, live, replicas) => expect(orphanedReplicas(object, live)).toBe(replicas));
});

describe("what brought an object", () => {
  const by = (manager: string) => webapp([{ ...kubectl, manager }]);
  test.each([
    ["cloudnova", "cloudnova"],
    ["kubectl-client-side-apply", "kubectl"],
    ["kubectl", "kubectl"],
    ["argocd-controller", "argo"],
    ["kustomize-controller", "flux"],
    ["helm", "helm"],
    ["deploy@server-1", "k3s"],
    ["Terraform", "other"],
  ])("by the field manager %s: %s", (manager, origin) => expect(originOf(by(manager))).toBe(origin));

  test("only who set the project's label counts, and marks count before managers", () => {
    expect(originOf(webapp([{ ...kubectl, manager: "helm", fieldsV1: { "f:spec": {} } }, ours]))).toBe("cloudnova");
    const { metadata } = by("kubectl-client-side-apply");
    const labels = { "kustomize.toolkit.fluxcd.io/name": "apps" };
    expect(originOf({ metadata: { ...metadata, labels } })).toBe("flux");
  });
});

test("a takeover that crossed another write is tried again on the object as it is by then", async () => {
  const api = await FakeApi.start();
  const path = "/apis/apps/v1/namespaces/shop/deployments";
  const sent: { type: string; body: unknown }[] = [];
  const read = async (request: IncomingMessage) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    return JSON.parse(text);
  };
  api.put(path, webapp([kubectl]));
  api.intercept = (request, response) => {
    if (request.method !== "PATCH") return false;
    const type = String(request.headers["content-type"]);
    void read(request).then((body) => {
      sent.push({ type, body });
      const [status, answer] = sent.length === 1 ? [409, { reason: "Conflict", message: "modified" }] : [200, webapp([ours])];
      if (status === 409) api.put(path, webapp([kubectl, controller]));
      response.writeHead(status as number, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    return true;
  };
  const client = api.client();
  const result = await sendObject(client, new Discovery(client), webapp([], { replicas: 3 }), webapp([kubectl]), { force: false });
  expect(result).toMatchObject({ takenOver: true, answer: { status: 200 } });
  expect(sent.map(({ type }) => type)).toEqual([
    "application/json-patch+json",
    "application/json-patch+json",
    "application/apply-patch+yaml",
  ]);
  const [fields, version] = (sent[1]?.body ?? []) as { path: string; value: unknown }[];
  expect(fields).toMatchObject({ path: "/metadata/managedFields", value: [{ manager: "cloudnova", operation: "Apply" }, controller] });
  expect(version).toMatchObject({ path: "/metadata/resourceVersion", value: "2" });
  api.stop();
});
