import { GENERATED_SECRETS } from "../../src/secrets.ts";
import { find, manifestsOf, podsOf, synthesiseText } from "../manifests.ts";

const KEYS = ["database", "webapp", "grafana", "certificate", "alerting"] as const;
const BASE = "cluster: k3s\nmachine: { instance: t3.medium }\nalerting: { webhook: {} }\n";
const manifestsWith = (names: Readonly<Record<string, string>>) =>
  manifestsOf(synthesiseText(`${BASE}secrets: ${JSON.stringify(names)}\n`));

/** Names of volumes and of constructs in the charts, with and without the prefixes that these have; the longest name; one with dots. */
const NAMES = [
  ..."tmp run files tls data accounts service pods app secret own webapp-ca migrator tls-secret accounts-secret webapp-secret".split(" "),
  ..."configuration receivers data-volume service-pods own-secret siblings api-token prometheus".split(" "),
  "app.example.com-tls",
  "10.0.0.1",
  "a".repeat(253),
  `${"a".repeat(100)}.${"b".repeat(152)}`,
];

/** Every key has every name once: a synthesis of its own for each of the pairs would take five times as long. */
const namesOf = (turn: number) =>
  Object.fromEntries(KEYS.map((key, index) => [key, NAMES[(turn + index * Math.floor(NAMES.length / KEYS.length)) % NAMES.length] ?? ""]));

test.each(NAMES.map((_, turn) => namesOf(turn)))("Secrets may be called %j", (names) => {
  const manifests = manifestsWith(names);
  const text = JSON.stringify(manifests);
  for (const name of Object.values(names)) expect(text).toContain(`"secretName":"${name}"`);
  for (const { spec } of podsOf(manifests)) {
    const volumes = (spec.volumes ?? []).map((volume: { name: string }) => volume.name);
    expect(new Set(volumes).size).toBe(volumes.length);
    for (const volume of volumes) expect(volume).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  }
});

test("the certificate of the case is the Ingress' own", () => {
  const manifests = manifestsOf(
    synthesiseText("cluster: k3s\nmachine: {instance: t3.small}\nsecrets: {certificate: app.example.com-tls}\n"),
  );
  expect(find(manifests, "Ingress", "webapp").spec.tls[0].secretName).toBe("app.example.com-tls");
});

test("one Secret may hold everything", () => {
  const text = JSON.stringify(manifestsWith(Object.fromEntries(KEYS.map((key) => [key, "all"]))));
  const names = [...text.matchAll(/"secretName":"([^"]+)"/g)].map(([, name]) => name);
  expect(names).toContain("all");
  for (const key of ["database", "webapp", "grafana", "certificate"] as const) expect(names).not.toContain(GENERATED_SECRETS[key]);
});
