import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The rows of a glossary's table, cell by cell. */
const rowsOf = (file: string): string[][] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );

const ENGLISH = rowsOf("docs/glossary.md");
const SPANISH = rowsOf("docs/glossary.es.md");

/** The words of the last column, as one pattern. Letters with accents are letters, so `\b` does not do. */
function patternOf(rows: readonly string[][]): RegExp {
  const words = rows.flatMap((cells) => cells.at(-1)?.split(", ") ?? []).filter((word) => word !== "");
  return new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${words.join("|")})(?![\\p{L}\\p{N}_-])`, "giu");
}

/**
 * Files in which a word of the last column may stand, each with the reason. `docs/decisions` tells what was decided when; the pages of
 * runs hold what programs printed then.
 */
const EXCEPTIONS: readonly (readonly [file: RegExp, why: string])[] = [
  [/^docs\/glossary(\.es)?\.md$/, "it names the words"],
  [/^docs\/drills(\.es)?\.md$/, "subjects of mails as they were received in the recorded run"],
  [/^docs\/decisions\//, "records of their time"],
  [/^docs\/e2e-full\.md$/, "printed by a run"],
  [/^docs\/chaos\.md$/, "printed by a run"],
];

const pages = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? pages(join(folder, entry.name)) : entry.name.endsWith(".md") ? [join(folder, entry.name)] : [],
  );
const held = (file: string) => !EXCEPTIONS.some(([pattern]) => pattern.test(file));
const PAGES = [...pages("docs"), "README.md", "README.es.md", "CONTRIBUTING.md", "CHANGELOG.md"].filter(held);
const CATALOGUES = readdirSync("src/messages").map((name) => join("src/messages", name));
const isSpanish = (file: string) => file.endsWith(".es.md");

/** What of the text is prose: neither code nor a link's address, which names files and keys. */
const prose = (text: string) => text.replaceAll(/`[^`]*`/g, "").replaceAll(/\]\([^)]*\)/g, "]");
const found = (pattern: RegExp, file: string) => prose(readFileSync(file, "utf8")).match(pattern) ?? [];

test("both glossaries have the same terms", () => {
  const names = SPANISH.map(([, english]) => english).filter((name) => name !== "");
  expect(names).toEqual(ENGLISH.map(([term]) => term));
  expect(ENGLISH.length).toBeGreaterThanOrEqual(40);
});

test.each(PAGES)("%s uses the glossary's words", (file) => expect(found(patternOf(isSpanish(file) ? SPANISH : ENGLISH), file)).toEqual([]));

// A catalogue has both languages beside each other.
test.each(CATALOGUES)("%s uses the glossary's words", (file) => {
  expect(found(patternOf(ENGLISH), file)).toEqual([]);
  expect(found(patternOf(SPANISH), file)).toEqual([]);
});

test("and each word would be found", () => {
  const said = (rows: readonly string[][], text: string) => text.match(patternOf(rows));
  expect(said(ENGLISH, "the public Entrance")).toEqual(["Entrance"]);
  expect(said(SPANISH, "Añada una copia de seguridad")).toEqual(["Añada", "copia de seguridad"]);
  expect(said(SPANISH, "tramas dañadas, fuera de orden")).toBeNull();
});
