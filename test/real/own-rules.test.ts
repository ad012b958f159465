import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { loadEnvironment } from "../../src/config/load.ts";
import { allEnvironments } from "../../src/environments.ts";
import { inRoot, serversRoot } from "./servers.ts";

/**
 * Rules that environments name under monitoring.rules, by the real promtool: those of a user's environments in environments/, and an
 * example.
 */
jest.setTimeout(15 * 60_000);

const FOLDER = "/etc/cloudnova/own";
const environments = ["test/fixtures/own-rules/shop.yaml", ...allEnvironments()];
const files = [...new Set(environments.flatMap((file) => loadEnvironment(file).rules.map((rules) => rules.file)))];

let root: string;
beforeAll(async () => {
  root = await serversRoot();
});

/** A folder's rules and their unit tests, as files at one place. */
const folderOf = (file: string): Record<string, string> => {
  const folder = dirname(file);
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return Object.fromEntries(names.map((name) => [join(FOLDER, name), readFileSync(join(folder, name), "utf8")]));
};

test.each(files)("promtool accepts %s", async (file) => {
  const said = await inRoot(root, ["/etc/cloudnova"], folderOf(file), `promtool check rules ${join(FOLDER, basename(file))}`);
  expect(said).toContain("SUCCESS");
});

const suites = [...new Set(files.map(dirname))].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.test\.ya?ml$/.test(name))
    .map((name) => join(folder, name)),
);

test.each(suites)("the unit tests in %s succeed", async (suite) => {
  const said = await inRoot(root, ["/etc/cloudnova"], folderOf(suite), `promtool test rules ${join(FOLDER, basename(suite))}`);
  expect(said).toContain("SUCCESS");
});

test.each(["docs/guides/add-an-alert.md", "docs/guides/add-an-alert.es.md"])(
  "the test that %s shows fires the rule that it shows",
  async (page) => {
    const blocks = readFileSync(page, "utf8").matchAll(/```yaml\n# environments\/rules\/(\S+)\n([\s\S]*?)```/g);
    const shown = Object.fromEntries([...blocks].map(([, name = "", text = ""]) => [join(FOLDER, name), text]));
    const [suite = ""] = Object.keys(shown).filter((name) => name.endsWith(".test.yaml"));
    expect(await inRoot(root, ["/etc/cloudnova"], shown, `promtool test rules ${suite}`)).toContain("SUCCESS");
  },
);
