import { RESOLVER } from "../../../src/acme.ts";
import { askTrusted, handshake, type Shown } from "../../../src/cluster/transport/ingress-client.ts";
import { DYNAMIC_FOLDER } from "../../../src/traefik.ts";
import { PORTS } from "../suite/environment-file.ts";
import { allGreen } from "../suite/health.ts";
import { ELSEWHERE, PebbleInNode } from "../suite/pebble-node.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";

const [HOST, NEXT] = ["shop.cloudnova.dev", "new.cloudnova.dev"];
const KEYS = { host: ["ingress", "host"], tls: ["ingress", "tls"] } as const;
const MANIFEST = "40-traefik.k8s.yaml";
const DIRECTORY = "https://acme-staging-v02.api.letsencrypt.org/directory";
/** The port of the node that leads to Traefik's port 80: default of `ingress.nodePorts.http`. */
const NODE_PORT = 30_080;
/** Kept when its environment no longer has it. */
const VOLUME = "traefik-acme";
/** Less than the 30 days before its end at which Traefik renews, so that each start of Traefik renews; and an alert's business. */
const DAYS = 20;
/** An order took up to 30 s on a busy machine. */
const ISSUED_S = 90;
/** A scrape, an evaluation and a probe. */
const ALERT_S = 90;

const ingress = (host: string) => ({ address: "127.0.0.1", host, httpPort: PORTS.http, httpsPort: PORTS.https });

/** The certificate that a browser is shown for a name, once it is pebble's, for that name, and another than `old`. */
const issued = (pebble: PebbleInNode, host: string, old?: Shown): Promise<Shown> =>
  until(`a new certificate for ${host}`, ISSUED_S, async () => {
    const shown = await handshake(ingress(host), "TLSv1.2", "TLSv1.3");
    if ("refused" in shown) throw new Error(shown.refused);
    if (shown.issuer.includes("Pebble") && shown.fits && !old?.der.equals(shown.der)) return shown;
    throw new Error(`it is still ${shown.names.join(", ")} by ${shown.issuer}; pebble:\n${await pebble.log()}`);
  });

/** Applies the environment with a host whose certificate pebble issues in Let's Encrypt's place: its address, and that Traefik trusts it. */
async function deploy(stage: Stage, pebble: PebbleInNode, host: string): Promise<void> {
  const { environment } = stage;
  await environment.set(KEYS.host, host);
  await environment.set(KEYS.tls, { letsEncrypt: {} });
  environment.edit(MANIFEST, "data:\n  cloudnova.yaml:", `data:\n  pebble.pem: ${JSON.stringify(pebble.trusted)}\n  cloudnova.yaml:`);
  const trust = `--certificatesResolvers.${RESOLVER}.acme.caCertificates=${DYNAMIC_FOLDER}/pebble.pem`;
  environment.edit(MANIFEST, `caServer=${DIRECTORY}`, `caServer=${pebble.directory}\n            - ${trust}`);
  await apply(stage);
}

const IN = ["--namespace", "cloudnova"] as const;

/** Ends Traefik's pod, and waits for the next one. */
async function restart(stage: Stage): Promise<void> {
  await stage.kubectl("delete", "pod", "--selector", "app.kubernetes.io/name=traefik", ...IN);
  await stage.kubectl("rollout", "status", "deployment/traefik", ...IN, "--timeout=90s");
}

/** A renewal that fails, because the name leads elsewhere: the old certificate is shown, and an alert waits to fire. */
async function failing(stage: Stage, pebble: PebbleInNode): Promise<string> {
  const shown = async () => (await issued(pebble, HOST)).der.toString("base64");
  const before = await shown();
  await pebble.lead(ELSEWHERE);
  await restart(stage);
  await until("Traefik says that the renewal failed", ISSUED_S, async () =>
    (await stage.kubectl("logs", "deployment/traefik", ...IN)).includes("Error renewing ACME certificate") ? true : undefined,
  );
  expect("the certificate after a renewal that failed", await shown(), before);
  const state = await until("an alert about the certificate", ALERT_S, async () => {
    const [found] = await stage.query('ALERTS{alertname="CertificateExpiresSoon"}');
    return found?.metric.alertstate;
  });
  return `a renewal that failed kept the certificate; CertificateExpiresSoon is ${state}`;
}

/** The environment as it was, with the certificate of the cluster's own authority. */
async function restored(stage: Stage, host: unknown): Promise<string> {
  const { environment } = stage;
  await environment.unset(KEYS.tls); // first: Let's Encrypt is refused for localhost
  if (host === undefined) await environment.unset(KEYS.host);
  else await environment.set(KEYS.host, host);
  await apply(stage);
  await stage.kubectl("delete", "pvc", VOLUME, ...IN);
  return allGreen(stage);
}

export const ACME: Step = {
  name: "certificates by ACME",
  expects:
    "Traefik orders the certificate from pebble in Let's Encrypt's place, with the policies in force; a renewal that fails keeps the old certificate, the next one succeeds, and the name can change",
  full: true,
  run: async (stage) => {
    const host = stage.environment.get(KEYS.host);
    const pebble = await PebbleInNode.start(stage.cluster, NODE_PORT, DAYS);
    try {
      const begun = Date.now();
      await deploy(stage, pebble, HOST);
      const first = await issued(pebble, HOST);
      const seconds = Math.round((Date.now() - begun) / 1000);
      const { status } = await askTrusted(ingress(HOST), { ca: await pebble.root() }, "/", {});
      expect("the status of the start page over the ordered certificate", status, 200);
      const redirected = await stage.inNode(
        `curl --silent --output /dev/null --write-out '%{http_code}' --header 'Host: ${HOST}' http://${pebble.node}:${NODE_PORT}/`,
      );
      expect("the status over HTTP", redirected, "301");
      const failed = await failing(stage, pebble);
      await pebble.lead(pebble.node);
      await deploy(stage, pebble, NEXT);
      await issued(pebble, NEXT);
      await issued(pebble, HOST, first);
      const seen = `issued after ${seconds} s, trusted, behind the redirect; ${failed}; then it was renewed, and another name issued`;
      return `${seen}; ${await pebble.orders()} orders; ${await restored(stage, host)}`;
    } finally {
      await pebble.stop();
    }
  },
};
