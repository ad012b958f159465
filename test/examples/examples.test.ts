import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type Environment, loadEnvironment } from "../../src/config/load.ts";
import { applicationBuilds, contextFiles } from "../../src/target/build.ts";
import { EXAMPLES, exampleEntries } from "../e2e/suite/examples.ts";
import { find, type Manifest, manifestsOf, synthesiseFile } from "../manifests.ts";

/** The other folders are projects that import the constructs. */
const FOLDERS = readdirSync("examples").filter((name) => existsSync(join("examples", name, "environment.yaml")));
const fileOf = (folder: string) => join("examples", folder, "environment.yaml");

test("every example is one that the end-to-end suite deploys", () => {
  expect(FOLDERS.sort()).toEqual(EXAMPLES.map(({ folder }) => folder).sort());
});

describe.each(FOLDERS)("examples/%s", (folder) => {
  const file = fileOf(folder);
  const { config }: Environment = loadEnvironment(file);

  test("its environment fits the machine that it names, and runs no sample", () => {
    const manifests = manifestsOf(synthesiseFile(file));
    expect(config.sample).toBe(false);
    const [application] = config.applications;
    const deployment = manifests.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === `cloudnova-${application?.name}`,
    );
    expect(deployment?.metadata.name).toBe(application?.name);
    const [container] = (deployment as Manifest).spec.template.spec.containers;
    expect(container).toMatchObject({ image: application?.image, ports: [expect.objectContaining({ containerPort: application?.port })] });
    expect(manifests.filter(({ kind, metadata }) => kind === "Deployment" && metadata.name === "webapp")).toEqual([]);
  });

  test("its build takes the application alone, on a base that can be chosen, with pinned versions", () => {
    const [build] = applicationBuilds({ file, config });
    if (!build) throw new Error(`${file} has no build`);
    const dockerfile = readFileSync(build.dockerfile, "utf8");
    expect(dockerfile).toMatch(/^ARG BASE_IMAGE=python:3\.\d+\.\d+-slim-bookworm\n\nFROM \$\{BASE_IMAGE\}$/m);
    expect(contextFiles(build)).toEqual(expect.arrayContaining(["requirements.txt"]));
    expect(contextFiles(build).filter((path) => /compose|environment|README|__pycache__/.test(path))).toEqual([]);
    const lines = readFileSync(join(build.context, "requirements.txt"), "utf8").trim().split("\n");
    for (const line of lines) expect(line).toMatch(/^[\w-]+(\[\w+\])?==[\d.]+$/);
  });

  test("it has what its author would have: a compose project with MySQL, and pages in both languages", () => {
    const { services } = parse(readFileSync(join("examples", folder, "compose.yaml"), "utf8"));
    expect(services).toMatchObject({ web: { build: "." }, db: { image: expect.stringMatching(/^mysql:/) } });
    for (const page of ["README.md", "README.es.md"]) {
      const text = readFileSync(join("examples", folder, page), "utf8");
      expect(text).toContain(`npx cloudnova up ${file}`);
      expect(text.split("\n").length).toBeLessThan(20);
    }
  });
});

test("all of them beside the sample, as the end-to-end suite deploys them", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-examples-"));
  try {
    const file = join(folder, "all.yaml");
    const applications = { webapp: { sample: {} }, ...exampleEntries() };
    writeFileSync(file, stringify({ cluster: "kind", machine: { memory: "4Gi", cpu: "2" }, applications }));
    const { config } = loadEnvironment(file);
    expect(config.applications.map(({ name }) => name)).toEqual(EXAMPLES.map(({ name }) => name));
    for (const { context, dockerfile } of applicationBuilds({ file, config })) expect([context, dockerfile].every(existsSync)).toBe(true);
    const manifests = manifestsOf(synthesiseFile(file));
    for (const { name, host, path } of EXAMPLES) {
      const ingress = find(manifests, "Ingress", name);
      const [rule] = ingress.spec.rules as { host?: string; http: { paths: { path: string }[] } }[];
      expect([rule?.host ?? "localhost", rule?.http.paths[0]?.path.replace(/\/?$/, "/")]).toEqual([host, path]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
