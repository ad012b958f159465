import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { findBrowser, photograph } from "../../src/evidence/browser.ts";
import { dashboardSpecs, panelQueries } from "../../src/monitoring/dashboards/index.ts";
import type { Report, Verdict } from "../../src/monitoring/live/judge.ts";
import type { Parts } from "../../src/monitoring/parts.ts";
import type { Exported } from "../../tools/exported/exposition.ts";
import { isPictured } from "../../tools/generate/dashboards-page.ts";
import { bundle, type Ended, Program } from "../cli/bundled-program.ts";
import { manifestsOf, synthesiseFile } from "../manifests.ts";
import { Observed } from "./observed.ts";

/** The commands that look at a running Prometheus, against the real one, over targets that export what was recorded of a real node. */
jest.setTimeout(15 * 60_000);

const RECORDED = "src/monitoring/keep/exported.json";
const EXPORTED: Readonly<Record<string, Exported>> = JSON.parse(readFileSync(RECORDED, "utf8"));

/** What the environment that is observed runs: the sample alone. */
const KIND: Parts = {
  sample: true,
  applications: false,
  backups: true,
  store: false,
  issued: false,
  ownCertificate: true,
  ownDatabase: true,
  remoteWrite: false,
};

/** Values that queries ask for by name; any other label has its own name as its value. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  code: ["200"],
  entrypoint: ["websecure"],
  error: ["max_connections"],
  kind: ["backup", "check"],
  le: ["0.5", "+Inf"],
  mode: ["idle", "steal"],
  mountpoint: ["/"], // no volume is a file system of its own on kind
  outcome: ["limited"],
  phase: ["connect"],
  quantile: ["0.99"],
  result: ["successful"],
  state: ["active"],
  status: ["2xx", "5xx"],
};

/** The series of a metric: one for each combination of its labels' values. */
function line(metric: string, labels: readonly string[]): string {
  const each = labels.reduce<string[][]>(
    (before, label) => before.flatMap((pairs) => (VALUES[label] ?? [label]).map((value) => [...pairs, `${label}="${value}"`])),
    [[]],
  );
  return each.map((pairs) => `${metric}{${pairs.join(",")}} 1\n`).join("");
}
const pageOf = (metrics: Exported) =>
  Object.entries(metrics)
    .map(([metric, labels]) => line(metric, labels))
    .join("");
const PAGES = Object.fromEntries(Object.entries(EXPORTED).map(([job, metrics]) => [job, pageOf(metrics)]));

let observed: Observed;
let program: Program;
/** Where the developers' commands read and write, as in the repository. */
let folder: string;

beforeAll(async () => {
  program = new Program();
  program.synth("kind");
  folder = mkdtempSync(join(tmpdir(), "cloudnova-observed-"));
  mkdirSync(join(folder, dirname(RECORDED)), { recursive: true });
  for (const name of ["exported", "pictures"]) bundle(join("tools", `${name}.ts`), join(folder, `${name}.mjs`));
  const rules = manifestsOf(synthesiseFile("environments/kind.yaml")).filter(({ metadata }) =>
    metadata.name.startsWith("prometheus-rules-"),
  );
  observed = await Observed.start(PAGES, Object.assign({}, ...rules.map(({ data }) => data)));
  // What is recorded needs two scrapes, and what is foretold of a disk two minutes.
  await observed.until("webapp:http_slow:rate5m", (found) => found.length > 0);
  await observed.until("count_over_time(node_filesystem_avail_bytes[6h:1m]) > 1", (found) => found.length > 0);
});
afterAll(async () => {
  await observed?.stop();
  program?.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  Object.assign(observed.pages, PAGES);
  writeFileSync(join(folder, RECORDED), JSON.stringify(EXPORTED));
});

const tool = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(folder, `${name}.mjs`), "--kubeconfig", observed.kubeconfig, ...args],
      { cwd: folder, env: { ...process.env, ...env } },
      (_, stdout, stderr) => done({ code: child.exitCode, stdout, stderr }),
    );
  });

/** Every line of a job's page but those that begin so. */
const without = (job: string, beginning: string): string =>
  (PAGES[job] ?? "")
    .split("\n")
    .filter((text) => !text.startsWith(beginning))
    .join("\n");

describe("cloudnova queries", () => {
  const asked = async () => {
    const { code, stdout } = await program.run("queries", "kind", "--kubeconfig", observed.kubeconfig, "--output", "json");
    return { code, ...(JSON.parse(stdout) as Report & { problems: string[] }) };
  };
  const states = (verdicts: readonly Verdict[], state: Verdict["state"]) => verdicts.filter((verdict) => verdict.state === state);

  test("every panel has data; what no healthy node has is listed with its reason", async () => {
    const { code, verdicts, problems } = await asked();
    expect(problems).toEqual([]);
    expect(code).toBe(0);
    expect(states(verdicts, "alive").filter(({ kind }) => kind === "panel").length).toBe(panelQueries(KIND).length);
    const excused = states(verdicts, "excused");
    expect(excused).toContainEqual(
      expect.objectContaining({ place: "ingress: IngressRateLimiting", why: expect.stringMatching(/rate limit/) }),
    );
    expect(excused.every(({ why }) => why !== "")).toBe(true);
  });

  test("the panel whose metric is gone is found, with its query, and no other", async () => {
    observed.pages.node = without("node", "node_load15{");
    await observed.until("absent(node_load15)", (found) => found.length === 1);
    const { code, verdicts, problems } = await asked();
    expect(states(verdicts, "dead")).toEqual([
      expect.objectContaining({ place: "node: Carga", why: expect.stringContaining('node_load15{instance=~".*"}') }),
    ]);
    expect(problems).toEqual([expect.stringMatching(/^node: Carga: .*\n {4}node_load15/)]);
    expect(code).toBe(1);
  });
});

describe("npm run exported -- --check", () => {
  test("what is recorded is what the targets export", async () => {
    expect(await tool("exported", ["--check"])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+ metrics of \d+ jobs\n$/),
      stderr: "",
    });
  });

  test("a metric that is gone although a panel asks for it fails", async () => {
    observed.pages.node = without("node", "node_load1{");
    const { code, stdout } = await tool("exported", ["--check"]);
    expect(stdout).toMatch(/^- node: node_load1\na rule or a panel asks for what is gone: node: node_load1\n/);
    expect(code).toBe(1);
  });

  test("so does a label", async () => {
    observed.pages.node = (PAGES.node ?? "").replaceAll(/^(node_cpu_seconds_total\{.*)mode="\w+"/gm, '$1kind="idle"');
    const { code, stdout } = await tool("exported", ["--check", "--output", "json"]);
    expect(JSON.parse(stdout)).toEqual({
      drifts: [{ job: "node", vanished: ["node_cpu_seconds_total{mode}"], appeared: ["node_cpu_seconds_total{kind}"] }],
      dead: ["node: node_cpu_seconds_total{mode}"],
    });
    expect(code).toBe(1);
  });

  test("what nobody asks for is told, and fails nothing; nothing is written until --check is left out", async () => {
    const more = JSON.stringify({ ...EXPORTED, node: { ...EXPORTED.node, node_of_nobody: ["a"] } });
    writeFileSync(join(folder, RECORDED), more);
    expect(await tool("exported", ["--check"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^- node: node_of_nobody\n- node: node_of_nobody\{a\}\n/),
    });
    expect(readFileSync(join(folder, RECORDED), "utf8")).toBe(more);
    expect((await tool("exported", [])).code).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, RECORDED), "utf8"))).toEqual(EXPORTED);
  });
});

describe("npm run pictures", () => {
  const SIZE = { width: 1200, height: 1500 };
  /** Width and height of an extended WebP (RFC 9649, section 2.7). */
  const sizeOf = (webp: Buffer) => ({ width: webp.readUIntLE(24, 3) + 1, height: webp.readUIntLE(27, 3) + 1 });

  test("one of each dashboard and language, none of them empty and all of them different", async () => {
    const browser = findBrowser(process.env) ?? "";
    expect(browser).not.toBe("");
    const nothing = join(folder, "nothing.html");
    writeFileSync(nothing, "<!DOCTYPE html>");
    const empty = await photograph(browser, { url: pathToFileURL(nothing).href, language: "en", ...SIZE });

    const { code, stdout, stderr } = await tool("pictures", ["--range", "2m", "--scrape-interval", "1s"]);
    expect([code, stderr]).toEqual([0, ""]);
    const wanted = dashboardSpecs(KIND)
      .filter(([, spec]) => isPictured(spec))
      .flatMap(([name]) => [`${name}.en.webp`, `${name}.es.webp`])
      .sort();
    const pictures = join(folder, "docs", "images", "dashboards");
    expect(readdirSync(pictures).sort()).toEqual(wanted);
    expect(stdout.trim().split("\n").length).toBe(wanted.length);
    const data = wanted.map((name) => readFileSync(join(pictures, name)));
    expect(data.map((one) => one.subarray(8, 16).toString())).toEqual(wanted.map(() => "WEBPVP8X"));
    expect(data.map(sizeOf)).toEqual(wanted.map(() => SIZE));
    expect(data.filter((one) => one.length < 5 * empty.length)).toEqual([]);
    expect(new Set(data.map((one) => one.toString("base64"))).size).toBe(wanted.length);
  });

  test("a browser that cannot be had is told", async () => {
    const { code, stderr } = await tool("pictures", [], { CHROMIUM: "/no/browser" });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^\S.*\/no\/browser.*\n$/)]);
  });
});
