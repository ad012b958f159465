import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

// Every page's links lead somewhere, and a translated page has the name that the rule gives it. That generated pages are what the
// sources give is checked by `npm run drift`.

/** Folders without pages of this project. */
const OTHERS = new Set(["node_modules", "build", "dist", "imports", "fixtures"]);
const pagesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (OTHERS.has(entry.name) || /^\.(?!github$)/.test(entry.name)) return [];
    if (entry.isDirectory()) return pagesIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
const PAGES = pagesIn(".");

/** A page's text without what stands in code, where brackets are no links and # begins no heading. */
const prose = (page: string) =>
  readFileSync(page, "utf8")
    .replace(/^ *```[\s\S]*?^ *```/gm, "")
    .replace(/`[^`\n]*`/g, "");

/** The anchors of a page as GitHub makes them: of each heading, and those that the page names itself. */
function anchorsOf(page: string): Set<string> {
  const text = readFileSync(page, "utf8").replace(/^ *```[\s\S]*?^ *```/gm, "");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .replace(/\]\([^)]*\)/g, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  const named = [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = ""]) => id);
  return new Set([...headings, ...named]);
}

/** The links of a page that lead to no file, or to no heading of it. */
function brokenLinks(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^(?:https?|mailto):/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? page : normalize(join(dirname(page), path));
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).has(anchor));
  });
}

test("a link to a file that is not there, and to a heading that is not there, are found", () => {
  expect(anchorsOf("docs/network.md")).toContain("what-is-meant-by-address");
  expect(anchorsOf("docs/network.es.md")).toContain("lo-que-se-permite-por-dirección");
  expect(brokenLinks("test/fixtures/pages/links.md")).toEqual(["nothing.md", "../../../README.md#nothing", "#nothing"]);
});

test.each(PAGES)("%s: every link leads somewhere", (page) => expect(brokenLinks(page)).toEqual([]));

describe("names", () => {
  test("a Spanish page is NAME.es.md, beside its English NAME.md", () => {
    const spanish = PAGES.filter((page) => page.endsWith(".es.md"));
    expect(spanish.length).toBeGreaterThan(0);
    expect(spanish.filter((page) => !PAGES.includes(page.replace(/\.es\.md$/, ".md")))).toEqual([]);
    expect(PAGES.filter((page) => /\.(?!es\.)\w+\.md$/.test(page))).toEqual([]);
  });

  /** Words that only one of the two languages has. */
  const spanishWords = (page: string) => prose(page).match(/\b(?:el|los|las|una|que|del|con|para)\b/g)?.length ?? 0;
  const englishWords = (page: string) => prose(page).match(/\b(?:the|of|and|is|to|it|with|for)\b/g)?.length ?? 0;
  test.each(PAGES)("%s is in the language that its name says", (page) => {
    expect(spanishWords(page) > englishWords(page)).toBe(page.endsWith(".es.md"));
  });
});

describe("Spanish pages", () => {
  const spanish = PAGES.filter((page) => page.endsWith(".es.md"));
  /** A page's paragraphs, and the rows of its tables, each with the table's head. */
  const parts = (page: string) =>
    prose(page)
      .split(/\n{2,}/)
      .flatMap((block) => {
        const [head = "", ...rows] = block.split("\n");
        return head.startsWith("|") ? rows.map((row) => head + row) : [block];
      });

  test.each(spanish)("%s leads to Spanish pages, and says of the others that they are in English", (page) => {
    const wrong = parts(page).flatMap((part) =>
      [...part.matchAll(/\]\(([^):]+\.md)(?:#[^)]*)?\)/g)]
        .map(([, link = ""]) => normalize(join(dirname(page), link)))
        .filter((file) => !file.endsWith(".es.md") && file !== page.replace(/\.es\.md$/, ".md"))
        .filter((file) => existsSync(file.replace(/\.md$/, ".es.md")) || !/inglés/i.test(part)),
    );
    expect(wrong).toEqual([]);
  });

  test.each(spanish)("%s parts thousands by a space, not by the point of a Spanish decimal", (page) => {
    expect(prose(page).match(/(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){1,2}(?![\d.])/g)).toBeNull();
  });
});

describe("guides", () => {
  const guides = PAGES.filter((page) => dirname(page) === "docs/guides");
  const english = guides.filter((page) => !page.endsWith(".es.md") && !page.endsWith("README.md"));
  const commands = (page: string) =>
    [...readFileSync(page, "utf8").matchAll(/^ *```(?:sh|ts|yaml)\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) =>
      // Comments are translated, and what the reader has to replace.
      block.replace(/ +(?:#|\/\/).*$/gm, "").replace(/\b[\p{Lu}-]{4,}/gu, "WORD"),
    );

  test.each(english)("%s is in the index, has a Spanish page with the same commands, and at most 100 lines", (page) => {
    const spanish = page.replace(/\.md$/, ".es.md");
    for (const [one, index] of [
      [page, "docs/guides/README.md"],
      [spanish, "docs/guides/README.es.md"],
    ] as const) {
      expect(readFileSync(index, "utf8")).toContain(`(${one.replace("docs/guides/", "")})`);
      expect(readFileSync(one, "utf8").split("\n").length).toBeLessThanOrEqual(101);
    }
    expect(commands(page).length).toBeGreaterThan(0);
    expect(commands(spanish)).toEqual(commands(page));
  });
});

// Programs in the cluster write English: the Spanish runbooks say what it means, in tables whose first cell is a message with … for values.
test.each(["BackupFailed", "RestoreCheckFailed", "MysqlDown"])("%s.es.md explains messages that the programs write", (runbook) => {
  const sources = ["charts/files/mysql/prepare.sh", ...readdirSync("helper/backup").map((name) => join("helper/backup", name))]
    .filter((name) => !/_test\.go$/.test(name))
    .flatMap((name) => readFileSync(name, "utf8").split("\n"));
  const messages = [...readFileSync(`docs/runbooks/${runbook}.es.md`, "utf8").matchAll(/^\| `([^`]+)` \|/gm)].map(([, one = ""]) => one);
  expect(messages.length).toBeGreaterThan(5);
  const written = (message: string) => sources.some((line) => message.split("…").every((part) => line.includes(part.trim())));
  expect(messages.filter((message) => !written(message))).toEqual([]);
});

describe("environment files", () => {
  const files = readdirSync("environments", { recursive: true, encoding: "utf8" }).filter((name) =>
    /^(sources\/)?[\w-]+\.yaml$/.test(name),
  );
  /** The comments of a file: adjacent lines are one; what is only switched off is none. */
  const comments = (text: string) =>
    text.replace(/^#(?! \S).*$|^# yaml-language-server.*$/gm, "").match(/(?:^#.*\n)+|(?<=\S *)#.*$/gm) ?? [];

  test.each(files)("%s: each comment is in English and in Spanish, with · between them", (name) => {
    const found = comments(readFileSync(join("environments", name), "utf8"));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((comment) => comment.split("·").length !== 2)).toEqual([]);
  });
});

test.each(["docs/guides/uninstall.md", "docs/guides/uninstall.es.md"])("%s removes what the server's script leaves beside k3s", (page) => {
  const [, script = ""] = /^settings\(\) \{\n([\s\S]*?)^\}/m.exec(readFileSync("src/server/files/prepare.sh", "utf8")) ?? [];
  const written = [...script.matchAll(/^ {2}put (\S+)/gm)].map(([, file = ""]) => file);
  expect(written.length).toBe(4);
  const text = readFileSync(page, "utf8");
  expect([...written, "/swapfile", "/var/lib/cloudnova"].filter((file) => !text.includes(file))).toEqual([]);
});

test.each(["docs/backups.md", "docs/backups.es.md"])("%s gives a store's user the rights that the program says it needs", (page) => {
  const [, policy = ""] = /```json\n([\s\S]*?)```/.exec(readFileSync(page, "utf8")) ?? [];
  const given = JSON.parse(policy).Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
  const needed = readFileSync("helper/backup/store.go", "utf8").match(/s3:\w+/g) ?? [];
  expect(needed.length).toBe(4);
  expect(given).toEqual(expect.arrayContaining(needed));
});

test.each(["docs/guides/larger-disk.md", "docs/guides/larger-disk.es.md"])(
  "%s names the data volume as the server's script labels it",
  (page) => {
    const [, label] = /mkfs\.ext4 .*-L (\S+)/.exec(readFileSync("src/server/files/prepare.sh", "utf8")) ?? [];
    expect(readFileSync(page, "utf8")).toContain(`resize2fs /dev/disk/by-label/${label}\n`);
  },
);
