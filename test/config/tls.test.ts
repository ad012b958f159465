import { EnvironmentError } from "../../src/config/errors.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { letsEncryptOf } from "../../src/config/tls.ts";

const environment = (more: string) => parseEnvironment(`cluster: k3s\nmachine: { instance: t3.medium }\n${more}`, "e.yaml").config;
const refused = (more: string): string => {
  try {
    environment(more);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
};

test("Let's Encrypt begins with its test server, by http-01, with certificates that are valid for months", () => {
  expect(letsEncryptOf(environment("ingress: { host: shop.cloudnova.dev, tls: { letsEncrypt: {} } }"))).toEqual({
    staging: true,
    challenge: "http-01",
    shortLived: false,
  });
});

test("the certificate of an address is short-lived", () => {
  expect(letsEncryptOf(environment("ingress: { host: 198.51.100.7, tls: { letsEncrypt: {} } }"))?.shortLived).toBe(true);
});

test("without ingress.tls nothing is ordered", () => {
  expect(letsEncryptOf(environment("ingress: { host: shop.cloudnova.dev }"))).toBeUndefined();
});

test.each([
  ["the default host", "ingress: { tls: { letsEncrypt: {} } }", "ingress.host", "cannot reach localhost"],
  ["a name of the local network", "ingress: { host: shop.local, tls: { letsEncrypt: {} } }", "ingress.host", "cannot reach shop.local"],
  ["a private address", "ingress: { host: 192.168.1.7, tls: { letsEncrypt: {} } }", "ingress.host", "cannot reach 192.168.1.7"],
  ["an address of CGNAT", "ingress: { host: 100.64.3.7, tls: { letsEncrypt: {} } }", "ingress.host", "cannot reach 100.64.3.7"],
  ["an address without Let's Encrypt", "ingress: { host: 198.51.100.7 }", "ingress.host", "an address needs ingress.tls.letsEncrypt"],
  ["half an address", "ingress: { host: 198.51.100 }", "ingress.host", "a DNS name such as app.example.com, or an IPv4 address"],
  [
    "an address and onlyHost",
    "ingress: { host: 198.51.100.7, onlyHost: true, tls: { letsEncrypt: {} } }",
    "ingress.onlyHost",
    "an Ingress has rules for names only",
  ],
  [
    "an address by the challenge that Traefik cannot answer for one",
    "ingress: { host: 198.51.100.7, tls: { letsEncrypt: { challenge: tls-alpn-01 } } }",
    "ingress.tls.letsEncrypt.challenge",
    "by http-01 only",
  ],
  [
    "two issuers",
    "ingress: { host: a.cloudnova.dev, tls: { letsEncrypt: {}, certManager: { issuer: x } } }",
    "ingress.tls.certManager",
    "remove one of the two",
  ],
  [
    "a Secret beside an issuer",
    "ingress: { host: a.cloudnova.dev, tls: { certManager: { issuer: x } } }\nsecrets: { certificate: mine }",
    "secrets.certificate",
    "ingress.tls.certManager issues the certificate",
  ],
  [
    "an application at a local name",
    "ingress: { host: a.cloudnova.dev, tls: { letsEncrypt: {} } }\napplications: { shop: { image: 'shop:1', port: 80, ingress: { host: shop.lan } } }",
    "applications.shop.ingress.host",
    "cannot reach shop.lan",
  ],
  [
    "another challenge",
    "ingress: { host: a.cloudnova.dev, tls: { letsEncrypt: { challenge: dns-01 } } }",
    "ingress.tls.letsEncrypt.challenge",
    "http-01, tls-alpn-01",
  ],
])("%s is refused with its place and what to do", (_, more, path, message) => {
  const text = refused(more);
  expect(text).toContain(`: ${path}: `);
  expect(text).toContain(message);
});
