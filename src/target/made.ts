import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, connect } from "../cluster/transport/connection.ts";
import { isOwn, kindName, type OwnTarget, type Target } from "./names.ts";
import { addressOf } from "./place.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where this checkout keeps what it knows of this machine, so not in dist/: `$CLOUDNOVA_STATE`. @default .cloudnova, which git ignores */
const fileOf = (env: Env) => join(env.CLOUDNOVA_STATE || ".cloudnova", "clusters.json");

/** Key of a cluster in that file: the target, and for kind's clusters of another name than the default also that. */
const keyOf = (target: OwnTarget, env: Env): string =>
  target === "kind" && kindName(env) !== kindName({}) ? `kind/${kindName(env)}` : target;

function read(env: Env): Partial<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(fileOf(env), "utf8"));
  } catch {
    return {}; // lost or damaged: then `up` asks once more than it must
  }
}

/** What identifies a cluster, also while it is stopped: its certificate authority, which is made with it. */
function identityOf({ config }: Connection): string | undefined {
  const { caData, caFile } = config.getCurrentCluster() ?? {};
  const authority = caData ? Buffer.from(caData, "base64") : caFile ? readFileSync(caFile) : undefined;
  return authority && createHash("sha256").update(authority).digest("hex");
}

const identityAt = async (target: Target, env: Env): Promise<string | undefined> =>
  connect(addressOf(target, env))
    .then(identityOf)
    .catch(() => undefined);

/** Whether `up` in this checkout has made a cluster of this target, which may be gone since. */
export const hasMade = (target: OwnTarget, env: Env): boolean => read(env)[keyOf(target, env)] !== undefined;

/** Whether `up` in this checkout has made the cluster that a target leads to now. */
export async function isMadeHere(target: Target, env: Env): Promise<boolean> {
  const known = isOwn(target.name) ? read(env)[keyOf(target.name, env)] : undefined;
  return known !== undefined && known === (await identityAt(target, env));
}

/** Notes that `up` in this checkout has made the cluster. */
export async function rememberMade(target: Target, env: Env): Promise<void> {
  const identity = await identityAt(target, env);
  if (!isOwn(target.name) || !identity) return;
  const file = fileOf(env);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(`${file}.partial`, `${JSON.stringify({ ...read(env), [keyOf(target.name, env)]: identity })}\n`);
  renameSync(`${file}.partial`, file);
}
