import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../../src/compose/model.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { FIXTURES, filesOf, projection, SHELL } from "../compose/projection.ts";

const NAMES = readdirSync(FIXTURES).filter((name) => !name.endsWith(".json"));

jest.setTimeout(10 * 60_000);

let program = "";
beforeAll(async () => {
  program = join(await ensure("compose-config"), "compose-config");
});

// What Docker Compose's own library makes of each project, which test/compose/load.test.ts expects of ours.
test.each(NAMES)("%s is what compose-go makes of it", async (name) => {
  const project = JSON.parse(
    execFileSync(program, filesOf(name), { env: SHELL, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  ) as Project;
  const file = join(FIXTURES, `${name}.json`);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(projection(project));
});
