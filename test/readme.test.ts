import { readFileSync } from "node:fs";
import { OPEN_PORTS } from "../src/config/open.ts";
import { type Language, setLocale } from "../src/language.ts";
import { commands as words } from "../src/messages/commands.ts";
import { findings } from "../src/messages/findings.ts";
import { IMAGES, imageVersion, K3S_VERSION, KIND_NODE_IMAGE, KIND_VERSION, TESTED } from "../src/versions.ts";
import { manifestsOf, synthesiseFile } from "./manifests.ts";

// The front pages: short, the same in both languages, and true. That each command is one is test/cli/printed.test.ts's, links are test/docs.test.ts's.

const PAGES = [
  ["README.md", "en"],
  ["README.es.md", "es"],
] as const satisfies readonly (readonly [string, Language])[];
const text = (file: string) => readFileSync(file, "utf8");
const english = text("README.md");
const spanish = text("README.es.md");

const withoutBlocks = (page: string) => page.replace(/^ *```[\s\S]*?^ *```$/gm, "");
const matches = (page: string, pattern: RegExp) => [...page.matchAll(pattern)].map(([, one = ""]) => one);
/** What a page leads to, with the names of the English pages and pictures. */
const links = (page: string) => matches(page, /(?:\]\(|^\[\w+\]: )([^)\s]+)/gm);
const inEnglish = (link: string) =>
  link === "README.md" || link === "README.es.md"
    ? "the other page"
    : // Headings are translated; that each is there is test/docs.test.ts's.
      link
        .replace(/#.*$/, "#")
        .replace(/(?<=^https:\/\/[\w.]+)\/es(?=\/|$)/, "")
        .replace(/\.es\.(md|webp)(?=#|$)/, (_, ending) => (ending === "md" ? ".md" : ".en.webp"));
/** The same picture is taken in each language, of either theme. */
const picture = (link: string) => link.replace(/-(?:en|es)-(?:light|dark)\.png$/, ".png");

afterEach(() => setLocale("en"));

test.each(PAGES)("%s has at most 120 lines of at most 100 columns", (file) => {
  const lines = text(file).trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(120);
  expect(lines.filter((line) => [...line].length > 100)).toEqual([]);
});

describe("both languages", () => {
  test.each([
    ["headings", (page: string) => matches(withoutBlocks(page), /^(#+) /gm)],
    ["rows of tables", (page: string) => matches(page, /^(\|)/gm).length],
    ["points", (page: string) => matches(page, /^(-|\d\.) /gm)],
    ["commands in blocks", (page: string) => matches(page, /^ *```sh\n([\s\S]*?)^ *```$/gm).map((block) => block.trim())],
    ["what stands in code", (page: string) => matches(withoutBlocks(page), /`([^`]+)`/g).sort()],
    ["links", (page: string) => links(page).map(inEnglish).map(picture).sort()],
    [
      "numbers of tables",
      (page: string) => matches(page, /^(\|.*)$/gm).map((row) => row.replace(/(?<=\d)[ ,](?=\d{3})/g, "").match(/\d[\d.]*/g)),
    ],
  ])("have the same %s", (_, of) => expect(of(spanish)).toEqual(of(english)));
});

/** What `up` makes where no registry answers, and those of it that it waits for or starts. */
const created = manifestsOf(synthesiseFile("environments/stand-ins.yaml"));
const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job"]);

test.each(PAGES)("%s shows outputs in the program's words", (file, language) => {
  setLocale(language);
  const { counted, checks } = findings;
  const outputs = matches(text(file), /^ *```text\n([\s\S]*?)^ *```$/gm).flatMap((block) => block.split("\n").map((line) => line.trim()));
  const summary = (count: number) => `${words.objects(count)}: ${words.counted(count, words.outcomes["created"] ?? "")}`;
  expect(outputs.filter((line) => line !== "" && line !== "…" && !line.startsWith("✔"))).toEqual([
    summary(created.length),
    words.allUp(created.filter(({ kind }) => WORKLOADS.has(kind)).length),
    `${checks(17)}: ${counted(14, "ok")}, ${counted(1, "warning")}, ${counted(2, "skipped")}`,
    words.applicationAt("https://localhost:8443/"),
    words.applied.all("stand-ins"),
    ...(["app", "grafana", "prometheus"] as const).map(
      (name) => `${name.padEnd(14)} ${name === "app" ? "https" : "http"}://localhost:${OPEN_PORTS[name]}`,
    ),
  ]);
});

/** The alerts of an environment. */
const alertsOf = (file: string): string[] => [
  ...new Set(matches(JSON.stringify(manifestsOf(synthesiseFile(file))), /(?:\\n| )alert: (\w+)/g)),
];

test.each(PAGES)("%s counts the alerts that an environment has", (file) => {
  const own = alertsOf("examples/flask-sqlalchemy/environment.yaml");
  const about = own.filter((name) => name.startsWith("Application"));
  expect(text(file)).toContain(`| ${own.length} (${about.length}) |`);
  expect(text(file)).toMatch(new RegExp(`\\b${alertsOf("environments/kind.yaml").length}\\b[^.;]* \`kind\``));
});

test.each(["kind-laptop.md", "kind-laptop.es.md", "change-a-setting.md", "change-a-setting.es.md"])("%s counts what up makes", (page) => {
  setLocale(page.endsWith(".es.md") ? "es" : "en");
  const kind = manifestsOf(synthesiseFile("environments/kind.yaml"));
  const guide = text(`docs/guides/${page}`);
  expect(guide).toMatch(new RegExp(`^ *${words.objects(kind.length)}: ${kind.length} `, "m"));
  // A Job's name ends with a hash of what it does.
  const name = (workload: string) => workload.replace(/-[0-9a-f]{8}$/, "-");
  const workloads = kind
    .filter((one) => WORKLOADS.has(one.kind))
    .map(({ kind: of, metadata }) => `${of} ${metadata.namespace}/${metadata.name}`);
  if (page.startsWith("kind"))
    expect(
      matches(guide, /^✔ (\w+ \S+) \d\/\d$/gm)
        .map(name)
        .sort(),
    ).toEqual(workloads.map(name).sort());
});

test.each(PAGES)("%s names the versions that are pinned and those that the tests run", (file) => {
  const matrix = text(file)
    .split("\n")
    .filter((line) => line.startsWith("|"));
  for (const words of [
    `kind ${KIND_VERSION}`,
    `k3s ${K3S_VERSION}`,
    // Kubernetes: what the node image made here runs, then k3s' and kind's own.
    `| ${/k8s\.io\/kubernetes v(\S+)/.exec(text("tools/go/kubernetes/go.mod"))?.[1]} | ${K3S_VERSION.slice(1).split("+")[0]} (k3s)`,
    `${/:v([\d.]+)/.exec(KIND_NODE_IMAGE)?.[1]} (kindest/node)`,
    `MySQL ${TESTED.mysql?.version}`,
    `Prometheus ${TESTED.prometheus?.version}`,
    `Alertmanager ${imageVersion(IMAGES.alertmanager).replace("v", "")}`,
  ]) {
    expect(matrix.join("\n")).toContain(words);
  }
});

test.each(["docs/guides/uninstall.md", "docs/guides/uninstall.es.md"])("%s names the folder of the pinned kind", (file) => {
  expect(text(file)).toContain(`/.cache/cloudnova/kind-${KIND_VERSION}:$PATH" kind delete cluster`);
});

test.each(PAGES)("%s compares by the figures of the committed benchmark", (file) => {
  const bench = text("docs/bench-compose.md");
  const cells = (row: RegExp) => row.exec(bench)?.slice(1) ?? [];
  const [ours, theirs] = cells(/^\| everything \| (\d+) \| (\d+) \|/m);
  const replaced = cells(/while the application is replaced \| (\d+) of (\d+) \(compose: (\d+) of (\d+)\)/);
  const killed = cells(/while MySQL is killed \| (\d+) of (\d+) \(compose: (\d+) of (\d+)\)/);
  const table = text(file).replace(/(?<=\d)[ ,](?=\d{3})/g, "");
  const row = (...figures: readonly (string | undefined)[]) => new RegExp(`^\\|[^|]*\\| ${figures[0]} \\|[^|]*\\| ${figures[1]} \\|`, "m");
  expect(table).toMatch(row(`${ours} MiB`, `${theirs} MiB`));
  for (const [lost, of, otherLost, otherOf] of [replaced, killed])
    expect(table).toMatch(row(`${lost} (?:of|de) ${of}`, `${otherLost} (?:of|de) ${otherOf}`));
});
