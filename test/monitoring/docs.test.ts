import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS } from "../../src/config/schema.ts";
import { pictureOf } from "../../tools/generate/dashboards-page.ts";

// That the pages are what the sources give is `npm run drift`'s to say; here it is that their links lead somewhere.

const PAGES = ["alerts.md", "alertas.md", "dashboards.md", "tableros.md"];

test.each(PAGES)("every link of docs/%s leads somewhere", (page) => {
  // Patterns of metrics stand in code.
  const text = readFileSync(join("docs", page), "utf8").replaceAll(/`[^`]*`/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  expect(links.length).toBeGreaterThanOrEqual(10);
  for (const link of links) {
    const [file = "", anchor] = link.split("#");
    expect(existsSync(join("docs", file)) ? "" : link).toBe("");
    if (anchor) expect(readFileSync(join("docs", file), "utf8")).toContain(`<a id="${anchor}"></a>`);
  }
});

test("a picture of each dashboard in each language, and none of one that is gone", () => {
  const wanted = DASHBOARDS.flatMap((name) => [pictureOf(name, "en"), pictureOf(name, "es")]);
  expect(readdirSync("docs/images/dashboards").sort()).toEqual(wanted.map((path) => path.replace("images/dashboards/", "")).sort());
});
