import { compose as say } from "../messages/compose.ts";
import { type Entry, entry } from "./entry.ts";

/** What synth sets aside by default, in GiB: the disk of one application without volumes; its backups; a volume. */
const DISK = { first: 20, further: 2, volume: 1 } as const;

const isEntries = (value: Entry["value"]): value is readonly Entry[] => Array.isArray(value) && typeof value[0] === "object";
/** The keys of an application's entry. */
const keysOf = ({ value }: Entry): readonly Entry[] => (isEntries(value) ? value : []);
const volumesOf = (application: Entry): number =>
  keysOf(application)
    .filter(({ key }) => key === "volumes")
    .flatMap(keysOf).length;

/** Keys with which an application needs more memory than fits on 2 GiB, or may. */
const LARGER = ["volumes", "resources", "replicas"];

/**
 * The machine that an environment is written for, which the user corrects, and its applications as they fit on it. Of AWS' machines the
 * smallest: on 2 GiB one application without volumes fits, with less memory than the default.
 */
export function machineFor(
  cluster: "kind" | "k3s",
  applications: readonly Entry[],
): { readonly machine: readonly Entry[]; readonly applications: readonly Entry[] } {
  const [first, ...others] = applications;
  const volumes = applications.reduce((sum, one) => sum + volumesOf(one), 0);
  const gibibytes = DISK.first + others.length * DISK.further + volumes * DISK.volume;
  const disk = gibibytes > DISK.first ? [entry("disk", `${gibibytes}Gi`)] : [];
  if (cluster === "kind") return { machine: [entry("memory", "4Gi"), entry("cpu", "2"), ...disk], applications };
  if (first === undefined || others.length > 0 || keysOf(first).some(({ key }) => LARGER.includes(key)))
    return { machine: [entry("instance", "t3.medium"), ...disk], applications };
  const lessMemory = entry("resources", [entry("memoryLimit", "192Mi", say.why.memoryLimit)]);
  return { machine: [entry("instance", "t3.small")], applications: [{ ...first, value: [...keysOf(first), lessMemory] }] };
}
