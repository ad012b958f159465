import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { synthesise } from "../../charts/synth.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { find, type Manifest, manifestsOf } from "../manifests.ts";
import { commandOf, type MysqlPod, startMysqlPod } from "./mysql-pod.ts";
import { serversRoot } from "./servers.ts";

const FOLDERS = [
  "/etc/mysql",
  "/etc/mysql-accounts",
  "/etc/mysql-applications",
  "/etc/mysql-backup",
  "/etc/mysql-tls",
  "/run/mysql",
  "/run/secrets",
  "/var/lib/mysql",
  "/sql",
  "/tmp",
];
/** The passwords of MySQL's own accounts. */
export const ACCOUNTS = { root: "root-password", webapp: "webapp-password", migrator: "migrator-password", exporter: "exporter-password" };

/** That of the backups' account. */
export const BACKUP_PASSWORD = "mIuM2V-6i8_";
/** The exporters' user (charts/mysql.ts). */
export const EXPORTER_USER = 10_998;

/** MySQL's pod of an environment with applications, ready. */
export interface ApplicationsPod {
  readonly pod: MysqlPod;
  readonly port: number;
  readonly manifests: Manifest[];
}

/**
 * Starts MySQL's pod of an environment with applications.
 *
 * @param passwords of the applications' accounts; the first application's is at /run/secrets, with its SQL files at /sql
 * @param files beside the environment file, by name
 */
export async function startApplicationsPod(
  environment: string,
  passwords: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<ApplicationsPod> {
  const root = await serversRoot();
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-mysql-applications-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const manifests = manifestsOf(synthesise(parseEnvironment(environment, join(folder, "trial.yaml"))));
  const { spec } = find(manifests, "StatefulSet", "mysql").spec.template;
  const { key, cert } = selfSigned("DNS:mysql");
  const [[first = "", password = ""] = []] = Object.entries(passwords);
  const sql = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === `${first}-sql`);
  const pod = startMysqlPod({
    root,
    folder,
    folders: FOLDERS,
    files: {
      "/etc/mysql": find(manifests, "ConfigMap", "mysql").data,
      "/etc/mysql-accounts": ACCOUNTS,
      "/etc/mysql-applications": passwords,
      "/etc/mysql-backup": { password: BACKUP_PASSWORD },
      "/etc/mysql-tls": { "tls.key": key, "tls.crt": cert, "ca.crt": cert },
      "/run/secrets/database": { password },
      "/sql": sql?.data ?? {},
    },
    init: spec.initContainers.map((container: Manifest) => commandOf(container)),
    mysqld: [...spec.containers[0].command, `--port=${port}`, "--bind-address=127.0.0.1"],
  });
  const probe = spec.containers[0].startupProbe.exec.command as string[];
  for (let attempt = 0; ; attempt++) {
    const failure = await pod.inside(probe).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (failure === undefined) return { pod, port, manifests };
    if (attempt > 120) throw new Error(failure);
    await Promise.race([sleep(500), pod.server.died]);
  }
}
