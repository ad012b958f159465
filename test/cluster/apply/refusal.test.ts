import { explainRefusal, isTerminating } from "../../../src/cluster/apply/refusal.ts";
import { managerConflicts } from "../../../src/cluster/objects/managers.ts";
import { warningsIn } from "../../../src/cluster/transport/client.ts";
import { explainConnection } from "../../../src/cluster/transport/connection.ts";

// Answers as an API server 1.34 gave them, shortened.
const ref = (kind: string, name = "webapp") => ({ apiVersion: "v1", kind, namespace: "cloudnova", name });
const explain = (status: number, body: object, kind = "Deployment") => explainRefusal(status, body, ref(kind), "prod");

test("conflicts name every field with its manager", () => {
  const causes = [
    { reason: "FieldManagerConflict", message: 'conflict with "argocd-controller" using apps/v1', field: ".spec.replicas" },
    {
      reason: "FieldManagerConflict",
      message: 'conflict with "kubectl" using apps/v1',
      field: '.spec.template.spec.containers[name="webapp"].image',
    },
  ];
  const body = { reason: "Conflict", message: "Apply failed with 2 conflicts", details: { causes } };
  expect(managerConflicts(body)).toHaveLength(2);
  expect(explain(409, body)).toEqual({
    outcome: "conflict",
    message: ".spec.replicas is set by 'argocd-controller'; .spec.template.spec.containers[name=\"webapp\"].image is set by 'kubectl'",
    advice: "Argo CD sets this field: change it there; Argo CD would set it again after --force-conflicts",
  });
});

test.each([
  ["argocd-controller", /^Argo CD sets this field/],
  ["kustomize-controller", /^Flux sets this field/],
  ["helm-controller", /^Flux sets this field/],
  ["helm", /^Helm sets this field/],
  ["deploy@ip-10-0-0-1", /^k3s' manifests folder sets this field/],
  ["kube-controller-manager", /^a HorizontalPodAutoscaler sets the replicas/],
  ["kubectl-edit", /^leave the field to that manager, or take it over with --force-conflicts$/],
])("a conflict with %s says what to do about it", (manager, advice) => {
  const causes = [{ reason: "FieldManagerConflict", message: `conflict with "${manager}" using apps/v1`, field: ".spec.replicas" }];
  expect(explain(409, { reason: "Conflict", details: { causes } })).toMatchObject({
    outcome: "conflict",
    advice: expect.stringMatching(advice),
  });
});

test("an immutable field: which, and how to go on without losing pods", () => {
  const words = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden";
  const body = {
    reason: "Invalid",
    message: `StatefulSet.apps "mysql" is invalid: ${words}`,
    details: { causes: [{ field: "spec", message: words }] },
  };
  const { message, advice } = explainRefusal(422, body, ref("StatefulSet", "mysql"), "prod");
  expect(message).toContain("an immutable field was changed: spec: ");
  expect(advice).toBe("delete it, then apply again: kubectl --context prod -n cloudnova delete statefulset/mysql --cascade=orphan");
  expect(explain(422, { message: "spec.template: field is immutable" }, "Job").advice).not.toContain("cascade");
});

test("a volume that would shrink: the advice warns of the data", () => {
  const words = "Forbidden: field can not be less than status.capacity";
  const body = { message: words, details: { causes: [{ field: "spec.resources.requests.storage", message: words }] } };
  expect(explain(422, body, "PersistentVolumeClaim")).toMatchObject({
    message: `a volume cannot shrink: spec.resources.requests.storage: ${words}`,
    advice: expect.stringMatching(/make a backup .* and download it, run .*down --delete-data/),
  });
});

test("a namespace on its way out, told by its objects and by itself", () => {
  const forbidden = {
    reason: "Forbidden",
    message: "forbidden: unable to create new content in namespace cloudnova because it is being terminated",
  };
  expect(isTerminating(403, forbidden)).toBe(true);
  expect(explain(403, forbidden).message).toBe("namespace cloudnova is being deleted");
  expect(isTerminating(409, { message: 'object is being deleted: namespaces "cloudnova" already exists' })).toBe(true);
});

test("no rights, a quota, and what has no rule of its own", () => {
  const rights =
    'deployments.apps "webapp" is forbidden: User "eve" cannot patch resource "deployments" in API group "apps" in the namespace "cloudnova"';
  expect(explain(403, { reason: "Forbidden", message: rights }).message).toBe(`not allowed: ${rights}`);
  expect(explain(403, { reason: "Forbidden", message: "exceeded quota: small" }).advice).toContain("describe resourcequota");
  expect(explain(400, { message: 'unknown field "spec.replica"' })).toEqual({
    outcome: "refused",
    message: 'unknown field "spec.replica"',
  });
  expect(explain(502, "bad gateway" as never).message).toBe("bad gateway");
});

test.each([
  ["ECONNREFUSED", "connection refused", "start the cluster"],
  ["CERT_HAS_EXPIRED", "its certificate has expired", "clock"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "not signed by the CA in the kubeconfig", "created again"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "is for another name", "again"],
])("no connection: %s", (code, why, advice) => {
  const error = explainConnection(Object.assign(new Error("x"), { code }), { context: "prod", server: "https://10.0.0.1:6443" });
  expect(error.message).toBe(`context 'prod': no connection to https://10.0.0.1:6443: ${error.message.split(": ")[2]}`);
  expect(error.message).toContain(why);
  expect(error.advice).toContain(advice);
});

test("warnings are read from their header, several and with quotes in them", () => {
  expect(warningsIn('299 - "v1 X is deprecated", 299 kube "say \\"why\\""')).toEqual(["v1 X is deprecated", 'say "why"']);
  expect(warningsIn("")).toEqual([]);
});
