import { certificate, dns } from "../../../src/cluster/doctor/certificate-check.ts";
import type { ClusterFacts } from "../../../src/cluster/doctor/facts.ts";
import { lookUp, type PublicName, publicFacts } from "../../../src/cluster/doctor/public-names.ts";
import { parseEnvironment } from "../../../src/config/load.ts";

// A documentation address stands for the machine's public one.
const MACHINE = "198.51.100.7";
const HOST = "shop.cloudnova.dev";

function judged(name: Partial<PublicName>, { machine = [MACHINE], staging = true }: { machine?: string[]; staging?: boolean } = {}) {
  const text = `cluster: k3s\nmachine: { instance: t3.medium }\ningress: { host: ${HOST}, tls: { letsEncrypt: { staging: ${staging} } } }\n`;
  const names = [{ host: HOST, ipv4: [MACHINE], ipv6: [], ...name }];
  return certificate({ config: parseEnvironment(text, "e.yaml").config, internet: { names, machine } } as unknown as ClusterFacts);
}

test("a name that leads to the machine is well", () => {
  expect(judged({})).toEqual({ state: "ok", saw: `${HOST} leads to this machine (${MACHINE})` });
});

test.each<[string, Partial<PublicName>, string, string]>([
  ["no record", { ipv4: [] }, `${HOST} has no address in DNS`, MACHINE],
  ["another machine", { ipv4: ["203.0.113.9"] }, "leads to 203.0.113.9, which is not this machine's", `lead to ${MACHINE}`],
  ["the machine and another", { ipv4: [MACHINE, "203.0.113.9"] }, "leads to 203.0.113.9", "wait until the old one's TTL"],
  ["a private address", { ipv4: ["10.0.0.7"] }, "leads to 10.0.0.7", `lead to ${MACHINE}`],
])("%s is a problem, with the record to make", (_, name, saw, advice) => {
  const found = judged(name);
  expect(found).toMatchObject({ state: "problem", saw: expect.stringContaining(saw), advice: expect.stringContaining(advice) });
});

test.each<[string, Partial<PublicName>, boolean, string]>([
  ["an AAAA record, which Let's Encrypt tries first", { ipv6: ["2001:db8::7"] }, true, "also has 2001:db8::7"],
  ["DNS servers that do not answer", { ipv4: [], failure: "ETIMEOUT" }, true, "no DNS server answered for shop.cloudnova.dev (ETIMEOUT)"],
  ["production before the test server has issued", {}, false, "shows no certificate of Let's Encrypt yet"],
])("%s is a warning", (_, name, staging, saw) => {
  expect(judged(name, { staging })).toMatchObject({ state: "warning", saw: expect.stringContaining(saw) });
});

test.each(["(STAGING) Let's Encrypt", "Let's Encrypt"])("production after a certificate of %s is well", (issuedBy) => {
  expect(judged({ issuedBy }, { staging: false }).state).toBe("ok");
});

test("where the machine's public address is not known, the finding says that nothing was compared", () => {
  expect(judged({ ipv4: ["203.0.113.9"] }, { machine: [] })).toMatchObject({
    state: "ok",
    saw: expect.stringContaining("compare it yourself"),
  });
});

test("an address is looked up nowhere, and a silent DNS server is told from a missing record", async () => {
  expect(await lookUp(MACHINE, ["127.0.0.1:1"])).toEqual({ host: MACHINE, ipv4: [MACHINE], ipv6: [] });
  expect(await lookUp(HOST, ["127.0.0.1:1"])).toMatchObject({ ipv4: [], failure: "ECONNREFUSED" });
});

describe("a server that ssh reaches, without Let's Encrypt", () => {
  const { config } = parseEnvironment(`cluster: k3s\nmachine: { instance: t3.medium }\ningress: { host: ${HOST} }\n`, "e.yaml");
  const judgedDns = (name: Partial<PublicName>, machine = [MACHINE]) =>
    dns({ config, internet: { names: [{ host: HOST, ipv4: [MACHINE], ipv6: [], ...name }], machine } } as unknown as ClusterFacts);

  test.each<[string, Partial<PublicName>, string, string]>([
    ["the right record", {}, "ok", `leads to this machine (${MACHINE})`],
    ["another machine", { ipv4: ["203.0.113.9"] }, "warning", "leads to 203.0.113.9, which is not this machine's"],
    ["no record", { ipv4: [] }, "warning", "has no address in DNS"],
  ])("%s", (_, name, state, saw) => expect(judgedDns(name)).toMatchObject({ state, saw: expect.stringContaining(saw) }));

  test("a private address is not compared", () => expect(judgedDns({ ipv4: ["192.168.1.5"] }, [])).toMatchObject({ state: "ok" }));

  test("the server's address is that of ssh, and not the tunnel's", async () => {
    const local = parseEnvironment("cluster: k3s\nmachine: { instance: t3.medium }\n", "e.yaml").config;
    expect(await publicFacts({ server: "https://127.0.0.1:40001", ingress: MACHINE }, local, [])).toEqual({
      names: [],
      machine: [MACHINE],
    });
    expect(await publicFacts({ server: "https://198.51.100.7:6443" }, local, [])).toBeUndefined();
  });
});
