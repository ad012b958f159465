import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CLOUDNOVA_VERSION, IMAGES, imageVersion } from "../src/versions.ts";

// What makes a folder of code a project that others may use: licence, notices, versions, templates.

const text = (path: string) => readFileSync(path, "utf8");
const json = (path: string) => JSON.parse(text(path));
/** A value of webapp/pyproject.toml that stands on a line of its own. */
const pyproject = (key: string) => new RegExp(`^${key} = "(.+)"$`, "m").exec(text("webapp/pyproject.toml"))?.[1];

describe("licence", () => {
  test("LICENSE is the Apache License 2.0, unchanged, as cdk8s ships it", () =>
    expect(text("LICENSE")).toBe(text("node_modules/cdk8s/LICENSE")));
  test("every package file names it", () => {
    const lock = json("package-lock.json");
    expect([json("package.json").license, lock.packages[""].license, pyproject("license")]).toEqual(Array(3).fill("Apache-2.0"));
  });
});

describe("third-party files", () => {
  const rows = text("THIRD_PARTY_NOTICES.md")
    .split("\n")
    .filter((line) => /^\| [A-Za-z-]+ \(/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const pins = [...text("webapp/vendor.sh").matchAll(/^([A-Z]+)=([\d.]+)$/gm)].map(([, name = "", version = ""]) => ({ name, version }));

  test("each that vendor.sh copies has a row with its version", () => {
    expect(pins.length).toBe(rows.length);
    for (const { name, version } of pins) {
      const row = rows.find(([, software = ""]) => software.toUpperCase().startsWith(name));
      expect(row?.slice(2, 3)).toEqual([version]);
    }
  });
  test("each file is there, names that version itself, and has its licence beside it", () => {
    for (const [, , version = "", file = "", licence = ""] of rows) {
      expect(text(file.replaceAll("`", "")).slice(0, 200)).toContain(`v${version}`);
      for (const [, path = ""] of licence.matchAll(/\]\(([^)]+)\)/g)) expect([path, existsSync(path)]).toEqual([path, true]);
    }
  });
  test("no other minified file is in the tree", () => {
    const minified = ["webapp", "src", "charts", "tools"].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /\.min\.(css|js)$/.test(file))
        .map((file) => join(folder, file)),
    );
    expect(minified.sort()).toEqual(rows.map(([, , , file = ""]) => file.replaceAll("`", "")).sort());
  });
});

describe("versions", () => {
  const { version } = json("package.json");
  test("the lock file, the program and the changelog have package.json's", () => {
    const lock = json("package-lock.json");
    const released = [...text("CHANGELOG.md").matchAll(/^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$/gm)].map(([, one]) => one);
    expect([lock.version, lock.packages[""].version, CLOUDNOVA_VERSION, released[0]]).toEqual(Array(4).fill(version));
  });
  test("the web application's version is the tag of its image (docs/release.md)", () =>
    expect(imageVersion(IMAGES.webapp)).toBe(pyproject("version")));

  test("the helper's tag is its program's version", () =>
    expect(readFileSync("helper/main.go", "utf8")).toContain(`const version = "${imageVersion(IMAGES.helper)}"`));
});

test("issue forms are YAML that GitHub takes: each field has an id and a label", () => {
  for (const name of ["bug_report.yml", "feature_request.yml"]) {
    const { body, ...head } = parse(text(join(".github/ISSUE_TEMPLATE", name)));
    expect(Object.keys(head)).toEqual(expect.arrayContaining(["name", "description"]));
    const fields = body.filter(({ type }: { type: string }) => type !== "markdown");
    for (const { id, type, attributes } of fields) {
      expect([id, /^(input|textarea|dropdown|checkboxes)$/.test(type), typeof attributes.label]).toEqual([id, true, "string"]);
    }
    expect(new Set(fields.map(({ id }: { id: string }) => id)).size).toBe(fields.length);
  }
});
