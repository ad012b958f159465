import { readFileSync } from "node:fs";
import { choose, STAND_INS, SUPPORTED } from "./releases.ts";

const [NEWER, OLDER] = STAND_INS;

test.each([
  ["without a tag", [], [], [NEWER?.name, OLDER?.name]],
  ["with one release", ["v0.2.0"], [], ["v0.2.0", NEWER?.name]],
  ["with three releases", ["v0.10.0", "v0.9.0", "v0.2.0"], [], ["v0.10.0", "v0.9.0"]],
  ["at a release itself", ["v0.3.0", "v0.2.0"], ["v0.3.0"], ["v0.2.0", NEWER?.name]],
  ["with tags that are no releases", ["vendor", "v0.2.0-rc.1", "v1"], [], [NEWER?.name, OLDER?.name]],
])("upgrades are tried from the two releases before: %s", (_, tags, own, wanted) => {
  expect(choose(tags, own).map(({ name }) => name)).toEqual(wanted);
});

test("each commit that stands for a release is whole, and says why it does", () => {
  for (const { name, commit, why } of STAND_INS) {
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(commit).toMatch(new RegExp(`^${name}`));
    expect(why.length).toBeGreaterThan(20);
  }
});

test("as many stand in as there are too few releases before the changelog's newest; 0.1.0 has no tag", () => {
  const released = [...readFileSync("CHANGELOG.md", "utf8").matchAll(/^## \[(\d+\.\d+\.\d+)\]/gm)].map(([, version]) => version);
  const before = Math.max(0, released.filter((version) => version !== "0.1.0").length - 1);
  expect(STAND_INS).toHaveLength(Math.max(0, SUPPORTED - before));
});
