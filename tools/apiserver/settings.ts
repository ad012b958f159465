import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The files that the server reads: the key that signs service-account tokens, the one user, the admission defaults. */
export function writeInputs(folder: string, token: string): void {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(join(folder, "service-account.key"), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "tokens.csv"), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const configuration = {
    apiVersion: "pod-security.admission.config.k8s.io/v1",
    kind: "PodSecurityConfiguration",
    defaults: { enforce: "restricted", "enforce-version": "latest" },
  };
  const admission = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [{ name: "PodSecurity", configuration }],
  };
  writeFileSync(join(folder, "admission.json"), JSON.stringify(admission));
}

/** The server's command line. @param etcd its address */
export const serverFlags = (folder: string, port: number, etcd: string): string[] => [
  `--etcd-servers=${etcd}`,
  "--bind-address=127.0.0.1",
  "--advertise-address=127.0.0.1",
  "--endpoint-reconciler-type=none", // it would publish the loopback address as an endpoint, which validation refuses
  `--secure-port=${port}`,
  `--cert-dir=${folder}`, // the server makes its own certificate there: apiserver.crt
  `--token-auth-file=${join(folder, "tokens.csv")}`,
  "--authorization-mode=RBAC",
  "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
  `--service-account-key-file=${join(folder, "service-account.key")}`,
  `--service-account-signing-key-file=${join(folder, "service-account.key")}`,
  "--service-cluster-ip-range=10.96.0.0/16",
  `--admission-control-config-file=${join(folder, "admission.json")}`,
];

/** A kubeconfig (JSON is YAML) of the user whom the token names. @param ca path of the certificate authority's certificate */
export const kubeconfigOf = (server: string, ca: string, token: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "validate", cluster: { server, "certificate-authority": ca } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "validate", context: { cluster: "validate", user: "admin" } }],
    "current-context": "validate",
  });
