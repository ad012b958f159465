import { compose as say } from "../messages/compose.ts";
import type { Service } from "./model.ts";
import type { Note } from "./part.ts";

/** Keys of a service that are read, so that another entry or note is about them. */
const READ: ReadonlySet<string> = new Set(
  `image build command entrypoint environment env_file ports expose volumes healthcheck user secrets configs labels profiles tmpfs scale
  cpus mem_limit mem_reservation stop_grace_period deploy working_dir`.split(/\s+/),
);

/** Why a key is not carried over. */
const REASONS = {
  order: "depends_on",
  platform: "restart container_name hostname networks links external_links init attach pull_policy pull_refresh_after domainname platform",
  development: "develop stdin_open tty",
  logging: "logging annotations",
  isolation: `privileged cap_add cap_drop devices device_cgroup_rules security_opt sysctls ulimits pid ipc uts cgroup cgroup_parent userns_mode
    group_add runtime isolation gpus use_api_socket network_mode`,
} as const;
type Reason = keyof typeof REASONS | "none";

const REASON_OF: Readonly<Record<string, Reason>> = Object.fromEntries(
  Object.entries(REASONS).flatMap(([reason, keys]) => keys.split(/\s+/).map((key) => [key, reason as Reason])),
);

const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
/** `docker compose config` adds it to every service. */
const isDefaultNetwork = (key: string, value: unknown) => key === "networks" && Object.keys(value as object).join() === "default";

/** What became of each key that no entry has: grouped by the reason, so that none is left out in silence. */
export function otherKeys(subject: string, service: Service): Note[] {
  const keys = Object.entries(service).flatMap(([key, value]) =>
    READ.has(key) || isEmpty(value) || key.startsWith("x-") || isDefaultNetwork(key, value) ? [] : [key],
  );
  const reasons = [...new Set(keys.map((key) => REASON_OF[key] ?? "none"))];
  return reasons.map((reason) => ({
    kind: "leftOut",
    subject,
    text: say.keys[reason](keys.filter((key) => (REASON_OF[key] ?? "none") === reason).join(", ")),
  }));
}
