import { readFileSync } from "node:fs";

/** A change that the page shows: a file, and its lines as they are before it. */
interface Hunk {
  readonly file: string;
  readonly before: string;
}

/** The hunks of every diff of a page. */
function hunksOf(page: string): Hunk[] {
  return [...page.matchAll(/```diff\n(.*?)```/gs)].flatMap(([, diff = ""]) => {
    let file = "";
    return diff.split(/^(?=--- a\/|@@)/m).flatMap((part) => {
      file = /^--- a\/(.*)$/m.exec(part)?.[1] ?? file;
      if (!part.startsWith("@@")) return [];
      const lines = part.trimEnd().split("\n").slice(1);
      return [
        {
          file,
          before: lines
            .filter((line) => !line.startsWith("+"))
            .map((line) => line.slice(1))
            .join("\n"),
        },
      ];
    });
  });
}

const hunks = hunksOf(readFileSync("docs/contributing.md", "utf8"));

test("the page has a hunk for each of its changes", () => expect(hunks.length).toBeGreaterThan(10));

test.each(hunks)("$file is still as the diff expects it", ({ file, before }) => {
  expect(`${readFileSync(file, "utf8")}`).toContain(before);
});

test("both languages show the same diffs", () => {
  const diffs = (page: string) => [...readFileSync(page, "utf8").matchAll(/```diff\n.*?```/gs)].map(([diff]) => diff);
  expect(diffs("docs/contributing.es.md")).toEqual(diffs("docs/contributing.md"));
});
