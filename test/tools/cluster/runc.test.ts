import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const linux = process.platform === "linux" ? describe : describe.skip;

linux("runc.sh, Docker's runtime on a machine that lacks capabilities (only on Linux)", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-runc-"));
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`);
  // CAP_CHOWN is number 0, CAP_SYS_RESOURCE 24 (linux/capability.h).
  const has = (number: number) => ((bounding >> BigInt(number)) & 1n) === 1n;
  const asked = ["CAP_CHOWN", "CAP_SYS_RESOURCE"];
  const given = asked.filter((_, index) => has([0, 24][index] ?? 0));

  beforeAll(() => {
    writeFileSync(join(folder, "runc"), '#!/bin/sh\necho "$@"\n');
    chmodSync(join(folder, "runc"), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const call = (...args: string[]) =>
    execFileSync(resolve("tools/cluster/runc.sh"), args, {
      encoding: "utf8",
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });

  test("takes what this machine does not have out of a bundle, and hands the command on", () => {
    const config = { process: { args: ["sh"], capabilities: { bounding: asked, effective: asked, ambient: [] } }, root: { path: "x" } };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    expect(call("create", "--bundle", folder, "name")).toBe(`create --bundle ${folder} name\n`);
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toEqual({
      ...config,
      process: { args: ["sh"], capabilities: { bounding: given, effective: given, ambient: [] } },
    });
  });

  test("does the same for a process that joins a container, and leaves one without capabilities alone", () => {
    const path = join(folder, "process.json");
    writeFileSync(path, JSON.stringify({ args: ["sh"], capabilities: { permitted: asked } }));
    expect(call("exec", "--process", path, "name")).toBe(`exec --process ${path} name\n`);
    expect(JSON.parse(readFileSync(path, "utf8")).capabilities).toEqual({ permitted: given });
    writeFileSync(path, JSON.stringify({ args: ["sh"] }));
    call("exec", "-p", path, "name");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ args: ["sh"], capabilities: null });
  });
});
