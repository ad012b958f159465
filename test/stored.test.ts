import { asStored, quantityAsStored } from "../src/stored.ts";
import { manifestsOf, SHIPPED, synthesiseFile, synthesiseText } from "./manifests.ts";
import { STORED_QUANTITIES } from "./quantities.ts";

test.each<readonly [string | number, string]>([...STORED_QUANTITIES, ["much", "much"]])(
  "the quantity %j is stored as %j",
  (written, stored) => expect(quantityAsStored(written)).toBe(stored),
);

test("the API's defaults are written where they stand in a field that is compared as a whole", () => {
  const token = { serviceAccountToken: { path: "token" } };
  const name = { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } };
  const env = [{ name: "INSTANCE_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }];
  expect(asStored({ spec: { volumes: [{ projected: { sources: [token, name] } }], containers: [{ env }] } })).toEqual({
    spec: {
      volumes: [
        {
          projected: {
            sources: [
              { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
              { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
            ],
          },
        },
      ],
      containers: [{ env: [{ name: "INSTANCE_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }] }],
    },
  });
});

test("values that the server does not store are left out", () => {
  const volumes = [{ persistentVolumeClaim: { claimName: "data", readOnly: false } }, { emptyDir: {} }];
  expect(asStored({ spec: { minReadySeconds: 0, externalIPs: [], template: { hostNetwork: false, volumes }, ingress: [] } })).toEqual({
    spec: { template: { volumes: [{ persistentVolumeClaim: { claimName: "data" } }, { emptyDir: {} }] }, ingress: [] },
  });
  const subject = { kind: "ServiceAccount", name: "prometheus", namespace: "cloudnova" };
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "prometheus" };
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
  expect(asStored({ roleRef: role, rules, subjects: [{ ...subject, apiGroup: "" }] })).toEqual({
    roleRef: role,
    rules,
    subjects: [subject],
  });
  const set = { spec: { minReadySeconds: 5, externalIPs: ["192.0.2.1"], hostNetwork: true, readOnly: true } };
  expect(asStored(set)).toEqual(set);
});

test("what a manifest says stays: a shorter time, texts that look like quantities", () => {
  const object = { data: { cpu: "1000m" }, sources: [{ serviceAccountToken: { expirationSeconds: 600 } }] };
  expect(asStored(object)).toEqual(object);
});

test.each(SHIPPED)("%s: its manifests are in that form", (file) => {
  const text = JSON.stringify(manifestsOf(synthesiseFile(file)));
  expect(text).toContain('"cpu":"1"');
  expect(text).not.toMatch(/"cpu":"\d+000m"/);
  expect(text.match(/"fieldRef":\{/g)?.length).toBe(text.match(/"fieldRef":\{"apiVersion":"v1",/g)?.length);
});

test("an environment's own words are brought into that form", () => {
  const odd = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nmonitoring: { volume: 2048Mi }\n";
  const claims = manifestsOf(synthesiseText(odd)).filter(({ kind }) => kind === "PersistentVolumeClaim");
  expect(claims.map(({ spec }) => spec.resources.requests.storage)).toContain("2Gi");
});
