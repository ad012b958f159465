import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { find, manifestsOf, synthesiseText } from "../manifests.ts";
import { NEW, OLD } from "../monitoring/import/examples.ts";
import { Program } from "./bundled-program.ts";

/** grafana.com's part: the addresses of its API that are asked, with dashboards of ours. Its own cannot be reached by tests. */
function catalogue(): Server {
  const answers: Record<string, unknown> = {
    "/api/dashboards/7/revisions": { items: [{ revision: 2 }, { revision: 10 }, { revision: 9 }] },
    "/api/dashboards/7/revisions/10/download": NEW,
    "/api/dashboards/7/revisions/2/download": OLD,
    "/api/dashboards/8/revisions": { items: [] },
  };
  return createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    if (request.url?.startsWith("/api/dashboards/500/")) response.writeHead(500).end("oh");
    else if (answer) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    else response.writeHead(404).end("{}");
  });
}

describe("dashboards import", () => {
  let program: Program;
  let server: Server;
  let url: string;
  const home = process.cwd();
  const bring = (...args: string[]) => program.run("dashboards", "import", ...args);
  beforeAll(async () => {
    program = new Program();
    process.chdir(program.folder); // it writes into the folder that it is run in
    mkdirSync("environments");
    server = catalogue();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    process.chdir(home);
    program.remove();
    await new Promise((resolve) => server.close(resolve));
  });

  test("the newest revision by its number, and what of it would be dead", async () => {
    const { code, stdout } = await bring("7", "--server", url);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^environments\/dashboards\/stack-today.json: 'Stack today' \(grafana.com 7, revision 10\)\n8 panels: 3 with data, 1 with some data, 4 without data\n/,
    );
    expect(stdout).toMatch(/^! Load: node_load1: exported by node, but the query selects job="node-exporter"$/m);
    expect(stdout).toMatch(/^✖ Recorded: instance:node_cpu:ratio: no recording rule of this project defines it$/m);
    expect(stdout).toMatch(/an environment that uses it stores \d+ more metrics, about \d+ series:\n {2}/);
    expect(stdout).toMatch(/then run synth:\nmonitoring:\n {2}imported: \["stack-today"\]\n$/);
  });
  test("what it prints can be pasted as it is, also for a name of digits", async () => {
    writeFileSync("number.json", JSON.stringify({ ...NEW, title: "7362" }));
    const { stdout } = await bring("number.json");
    const [, lines = ""] = /synth:\n([\s\S]+)$/.exec(stdout) ?? [];
    const { imported } = parseEnvironment(`cluster: kind\nmachine: { memory: 8Gi, cpu: "4" }\n${lines}`, "trial.yaml");
    expect(imported.map(({ name }) => name)).toEqual(["7362"]);
  });
  test("a named revision, a file, and a report for programs", async () => {
    expect((await bring("7", "--revision", "2", "--name", "old", "--server", url)).stdout).toContain("revision 2");
    writeFileSync("mine.json", JSON.stringify({ ...NEW, title: "Mine" }));
    const report = JSON.parse((await bring("mine.json", "--name", "mine", "--output", "json")).stdout);
    expect(report).toMatchObject({ name: "mine", file: join("environments", "dashboards", "mine.json"), source: "mine.json" });
    expect(report.panels).toHaveLength(8);
    expect(JSON.parse(readFileSync(report.file, "utf8")).dashboard.title).toBe("Mine");
  });
  test.each([
    [["9"], /error: there is no dashboard 9, or it has no revisions/],
    [["8"], /error: there is no dashboard 8, or it has no revisions/],
    [["7", "--revision", "3"], /error: there is no dashboard 7, revision 3/],
    [
      ["500"],
      /error: .*\/api\/dashboards\/500\/revisions responds 500\n {2}→ download its JSON from .*\/grafana\/dashboards\/500 in a browser, then import the file/,
    ],
    [["no-such.json"], /error: no-such.json cannot be read \(ENOENT\)\n {2}→ give a dashboard's number on grafana.com, or a file/],
    [["7", "--revision", "soon"], /give a whole number, 1 or larger/],
  ])("%j ends with 1 and words, and writes nothing", async (args, words) => {
    const { code, stdout, stderr } = await bring(...args, "--server", url, "--name", "never");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(words);
    expect(existsSync("environments/dashboards/never.json")).toBe(false);
  });
  test("without a way out it says how to do it by hand", async () => {
    expect((await bring("7", "--server", "http://127.0.0.1:3")).stderr).toMatch(
      /cannot be reached \(ECONNREFUSED\)\n {2}→ download its JSON/,
    );
  });

  const environment = (names: string) => `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\nmonitoring:\n  imported: [${names}]\n`;
  test("an environment that names it has it in Grafana, and its metrics in Prometheus", () => {
    const manifests = manifestsOf(synthesiseText(environment("old"), "with"));
    const map = find(manifests, "ConfigMap", "dashboard-old");
    expect(JSON.parse(map.data["old.json"]).title).toBe("Máquina, 2017");
    const pod = JSON.stringify(find(manifests, "StatefulSet", "grafana").spec.template.spec);
    expect(pod).toContain("/var/lib/cloudnova/dashboards/old");
    const prometheus = manifests.filter(({ kind }) => kind === "ConfigMap").map(({ data }) => JSON.stringify(data));
    expect(prometheus.some((text) => text.includes("scrape_configs") && text.includes("node_uname_info"))).toBe(true);
  });
  describe("two dashboards of one title or one uid, of which Grafana would store none", () => {
    const SAME = { uid: "abc123", title: "Uptime", panels: [{ type: "stat", title: "Up", targets: [{ expr: "up" }] }] };
    test("the second is not imported", async () => {
      writeFileSync("same.json", JSON.stringify(SAME));
      expect((await bring("same.json", "--name", "first")).code).toBe(0);
      const { code, stderr } = await bring("same.json", "--name", "second", "--title", "Another");
      expect([code, stderr]).toEqual([1, expect.stringMatching(/the dashboard 'first' already has the uid 'abc123'/)]);
      expect(existsSync(join("environments", "dashboards", "second.json"))).toBe(false);
    });
    test("an environment that names both is refused with both names, and so is one of a shipped title", () => {
      const write = (name: string, dashboard: object) =>
        writeFileSync(join("environments", "dashboards", `${name}.json`), JSON.stringify({ source: "x", metrics: {}, dashboard }));
      write("copy", { ...SAME, title: "Another" });
      expect(() => synthesiseText(environment("first, copy"), "both")).toThrow(
        /monitoring.imported: 'first' and 'copy' both have the uid 'abc123'/,
      );
      write("my-mysql", { uid: "my-mysql", title: "MySQL" });
      expect(() => synthesiseText(environment("my-mysql"), "own")).toThrow(/'mysql' and 'my-mysql' both have the title 'MySQL'/);
      const without = environment("my-mysql").replace("  imported", "  dashboards: [overview]\n  imported");
      expect(() => synthesiseText(without, "without")).not.toThrow();
    });
  });
  test("series that are stored only because of it count in the volume of Prometheus", () => {
    const text = environment("mine").replace("monitoring:", "monitoring:\n  volume: 1406Mi\n  retention: 447h");
    expect(() => synthesiseText(text.replace("[mine]", "[old]"), "tight")).not.toThrow();
    expect(() => synthesiseText(text, "tight")).toThrow(
      /tight.yaml: monitoring.volume: 1406Mi is too small for Prometheus: 447h at 15s .* need about \d+ MiB, .* About \d+ series are for the imported dashboards/,
    );
  });
  test("one that is not there, or was never imported, is told with its place", () => {
    expect(() => parseEnvironment(environment("gone"), "e.yaml")).toThrow(
      /^e.yaml:4:14: monitoring.imported.0: found "gone"; environments\/dashboards\/gone.json does not exist; import it with/,
    );
    writeFileSync("environments/dashboards/raw.json", JSON.stringify(NEW));
    expect(() => parseEnvironment(environment("raw"), "e.yaml")).toThrow(/raw.json is not an imported dashboard; import it with/);
    writeFileSync("e.yaml", environment("old"));
    expect(loadEnvironment("e.yaml").imported.map(({ name }) => name)).toEqual(["old"]);
  });
});
