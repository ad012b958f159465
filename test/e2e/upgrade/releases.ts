import { output, run } from "../../../tools/common/run.ts";

/** A state of CloudNova from which users upgrade. */
export interface Release {
  /** Its tag, or its short commit where it has none. */
  readonly name: string;
  /** Whatever git resolves to it. */
  readonly commit: string;
  /** What it is; printed, and in the page of results. */
  readonly why: string;
}

/** How many releases before the current state are upgraded from: those that docs/release.md promises to support. */
export const SUPPORTED = 2;

/**
 * Commits that stand for releases as long as there are fewer than two tags, newest first. Each is a state that a full end-to-end run has
 * recorded (docs/e2e-full.md), which is the first step to a release. 0.1.0 itself is none: it was never tagged, ran MySQL 8.4, and its
 * images cannot be had here.
 */
export const STAND_INS: readonly Release[] = [
  {
    name: "5b95764",
    commit: "5b95764cc1c322b5d0613d31e11f492c243ed625",
    why: "27 November 2026: before rotation, releases, admission policies and certificates of 365 days",
  },
  {
    name: "a0bc529",
    commit: "a0bc52984127aaab04ea5ba22d667030f44720cb",
    why: "26 November 2026: before the key applications, backups and the helper's image",
  },
];

/**
 * The releases to upgrade from.
 *
 * @param tags newest first; what is no release of the form v1.2.3 is left out
 * @param own tags of the current commit: a release is not upgraded from itself
 */
export function choose(tags: readonly string[], own: readonly string[], standIns: readonly Release[] = STAND_INS): Release[] {
  const tagged = tags
    .filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag) && !own.includes(tag))
    .map((tag) => ({ name: tag, commit: tag, why: "a release" }));
  return [...tagged, ...standIns].slice(0, SUPPORTED);
}

/** The lines of a git command. */
const lines = async (...args: readonly string[]): Promise<string[]> => (await output("git", args)).split("\n").filter(Boolean);

/** The releases to upgrade from, newest first. @throws Error with the command that fetches a commit that this clone lacks */
export async function releasesBefore(): Promise<Release[]> {
  const tags = await lines("tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname");
  const releases = choose(tags, await lines("tag", "--points-at", "HEAD"));
  for (const release of releases) await present(release);
  return releases;
}

async function present({ name, commit }: Release): Promise<void> {
  if ((await run("git", ["cat-file", "-e", `${commit}^{commit}`])).status === 0) return;
  const [shallow] = await lines("rev-parse", "--is-shallow-repository");
  throw new Error(
    shallow === "true"
      ? `${name}, from which this run upgrades, is not in this shallow clone: git fetch --unshallow --tags`
      : `${name}, from which this run upgrades, is not in this clone: git fetch --tags origin main`,
  );
}
