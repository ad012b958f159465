import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { KIND_NODE_IMAGE, withRegistry } from "../versions.ts";
import { has, knownAdvice, lastLines, run, type Surroundings } from "./process.ts";
import { tool } from "./tool-programs.ts";

/** Programs that run kind's nodes. */
export type Engine = "docker" | "podman";

/** Registry name of the images that are made on this machine: it exists nowhere, so that nothing tries to pull them. */
export const IMAGE_REPOSITORY = "cloudnova.local";
/** What the names of those images begin with (environments/stand-ins.yaml). */
export const STAND_INS = `${IMAGE_REPOSITORY}/`;

/** Whether an environment's images are those of the node image that is made here. */
export const usesStandIns = ({ images }: Pick<Config, "images">): boolean =>
  Object.values(images).some((image) => image.startsWith(STAND_INS));

/** kind's node image, from the registry that an environment names. podman wants the host of Docker Hub's too. */
export const nodeImageOf = (registry: string | undefined, engine: Engine): string =>
  withRegistry(registry ?? (engine === "podman" ? "docker.io" : undefined), KIND_NODE_IMAGE);

/**
 * What a registry says when it is asked for an image. `silent`: none answers. `limited`: this address has pulled too much.
 * `refused`: it answers, and does not give the image.
 */
export type Registry = "answers" | "silent" | "limited" | "refused";

/** Docker's own words when a pull fails. Everything else means that no registry was reached: names, routes, proxies, certificates. */
function registryIn(words: string): Registry {
  if (/toomanyrequests|429 Too Many Requests|pull rate limit/i.test(words)) return "limited";
  if (/manifest unknown|not found: manifest|unauthorized|pull access denied|denied: |repository does not exist/i.test(words))
    return "refused";
  return "silent";
}

/** A registry that has not begun to answer by then counts as silent, ms. */
const PATIENCE_MS = 30_000;
/** What `docker pull` prints on its standard output, and `podman pull` on its standard error, once the registry has sent the image's manifest. */
const BEGINS = /Pulling|Digest:|up to date|Already exists|Getting image source|Copying blob/;

/**
 * Asks the registry for an image as the daemon would, with its mirrors, proxies and log-ins, and ends the pull when it begins.
 *
 * @throws Interrupted
 */
export async function askRegistry(around: Surroundings, engine: Engine, image: string): Promise<Registry> {
  const { status, stdout, words } = await run(around, engine, ["pull", image], { until: BEGINS, limit: PATIENCE_MS });
  return status === 0 || BEGINS.test(stdout) || BEGINS.test(words) ? "answers" : registryIn(words);
}

/** Docker Hub's name, for an image without a host. */
const HUB = "registry-1.docker.io";

/** Asks the registry without Docker, which is not there yet: any answer will do. @throws Interrupted */
export async function askRegistryDirectly(around: Surroundings, registry: string | undefined): Promise<Registry> {
  const url = `https://${registry?.split("/")[0] || HUB}/v2/`;
  const seconds = PATIENCE_MS / 1000;
  const status = has(around, "curl")
    ? Number((await run(around, "curl", ["-s", "-m", `${seconds}`, "-o", "/dev/null", "-w", "%{http_code}", url])).stdout)
    : await fetch(url, { signal: AbortSignal.any([around.signal, AbortSignal.timeout(PATIENCE_MS)]) }).then(
        (answer) => answer.status,
        () => 0,
      );
  if (status === 429) return "limited";
  return status === 200 || status === 401 ? "answers" : "silent";
}

/** Whether the engine holds an image. */
export const holdsImage = async (around: Surroundings, engine: Engine, image: string): Promise<boolean> =>
  (await run(around, engine, ["image", "inspect", image])).status === 0;

/** What making a node image here takes. Finding it out changes nothing. */
export interface Composition {
  /** Programs that must be built first. */
  readonly toBuild: readonly string[];
  /** On two idle cores. */
  readonly minutes: number;
  /** Debian's packages that are missing. */
  readonly packages: readonly string[];
}

/** @throws ClusterError when no node image can be made here */
export const planComposition = (around: Surroundings): Promise<Composition> => tool(around, ["node-image", "--plan"], false);

/**
 * Has the engine hold the node image: pulled, or made here where the environment's images are.
 *
 * @returns its name
 * @throws ClusterError, Interrupted
 */
export async function bringNodeImage(around: Surroundings, engine: Engine, config: Pick<Config, "images" | "registry">): Promise<string> {
  if (usesStandIns(config)) return composeNodeImage(around);
  const image = nodeImageOf(config.registry, engine);
  if (await holdsImage(around, engine, image)) return image;
  around.stderr.write(`${say.pulls(image)}\n`);
  const { status, words } = await run(around, engine, ["pull", image], { drawn: true });
  if (status === 0) return image;
  // On a terminal its output went there: only that says what to do.
  const said = words || (await run(around, engine, ["pull", image])).words;
  throw new ClusterError(say.notPulled(image, lastLines(said)), knownAdvice(said) ?? say.pullAdvice[registryIn(said)]);
}

/** What `tools/cluster` has made where no registry is used. */
export interface Composed {
  /** Docker's name of kind's node image. */
  readonly image: string;
  /** Docker's names of the images that others are built on: Python, and Go. */
  readonly bases: { readonly python: string; readonly golang: string };
  /** What stands in for what: the image's name, and what it holds. */
  readonly standIns: Readonly<Record<string, string>>;
}

const compose = (around: Surroundings): Promise<Composed> => tool(around, ["node-image"]);

async function composeNodeImage(around: Surroundings): Promise<string> {
  const { image, standIns } = await compose(around);
  around.stderr.write(
    `${say.standIns}\n${Object.entries(standIns)
      .map(([name, what]) => `  ${name}: ${what}\n`)
      .join("")}`,
  );
  return image;
}

/**
 * The image that another is built on: made here where the other images are, else that of the Dockerfile.
 *
 * @param named in the Dockerfile
 */
export const baseImage = async (
  around: Surroundings,
  config: Pick<Config, "images" | "registry">,
  named: string,
): Promise<string | undefined> => {
  if (!usesStandIns(config)) return config.registry === undefined ? undefined : withRegistry(config.registry, named);
  const { bases } = await compose(around);
  return /^(?:.*\/)?golang[:@]/.test(named) ? bases.golang : bases.python;
};
