import { Document } from "yaml";
import { shipped } from "../suite/environment-file.ts";
import { CLUSTER } from "../suite/suite-cluster.ts";

interface Shipped {
  readonly ingress: { readonly host: string };
  readonly monitoring: { readonly remoteWrite: readonly { readonly basicAuth: string }[] };
  readonly database: {
    readonly external: { readonly ca: { readonly configMap: string; readonly key: string }; readonly credentialsSecret: string };
  };
}

const eks = shipped("eks") as unknown as Shipped;
const { ca, credentialsSecret } = eks.database.external;

/** The public name of the application. */
export const HOST = eks.ingress.host;
/** The Secrets and ConfigMaps that the environment names. */
export const CREDENTIALS = credentialsSecret;
export const MYSQL_AUTHORITY = ca;
export const METRICS_LOGIN = eks.monitoring.remoteWrite[0]?.basicAuth ?? "";
export const METRICS_AUTHORITY = "metrics-ca";
/** Names of the servers outside in Docker's network. */
export const MYSQL_HOST = `mysql.${CLUSTER}.example.com`;
export const RECEIVER_HOST = `metrics.${CLUSTER}.example.com`;
/** The range that Docker takes its networks from. */
const DOCKER = "172.16.0.0/12";

/** environments/eks.yaml, and what differs from it here. */
export const DIFFERENCES: readonly (readonly [path: readonly (string | number)[], value: unknown])[] = [
  [["images"], shipped("stand-ins").images],
  [["machine", "addresses"], [DOCKER]],
  [["ingress", "rateLimit"], { average: 200, burst: 400 }], // the load has one address
  [["network"], { pods: ["10.244.0.0/16"], services: ["10.96.0.0/16"] }],
  [["storageClass"], "standard"],
  [["applications", "webapp", "sample", "writeAccess"], "open"],
  [["monitoring", "remoteWrite", 0, "url"], `https://${RECEIVER_HOST}:9090/api/v1/write`],
  [["monitoring", "remoteWrite", 0, "ca"], { configMap: METRICS_AUTHORITY }],
  [["database", "external", "host"], MYSQL_HOST],
  [["database", "external", "addresses"], [DOCKER]],
];

/** environments/eks.yaml with other addresses and names of servers, images that stand in, and users without a login. */
export function environmentOfNodes(): object {
  const document = new Document(eks);
  for (const [path, value] of DIFFERENCES) document.setIn(path, value);
  return document.toJSON();
}
