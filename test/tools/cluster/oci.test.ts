import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeArchive, writeLayer } from "../../../tools/cluster/oci.ts";

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("an archive", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-oci-"));
  const at = (...names: string[]) => join(folder, ...names);
  const json = (digest: string) => JSON.parse(readFileSync(at("out", "blobs", "sha256", digest.slice("sha256:".length)), "utf8"));
  let digests: Record<string, string>;

  beforeAll(async () => {
    writeFileSync(at("program"), "#!/bin/sh\n");
    await writeLayer(at("base.tar"), [{ source: at("program"), path: "/bin/base" }]);
    await writeLayer(at("own.tar"), [{ source: at("program"), path: "/usr/bin/own" }]);
    digests = await writeArchive(at("images.tar"), [
      { name: "cloudnova.local/one:1", layers: [at("base.tar")], entrypoint: ["/bin/base"] },
      { name: "cloudnova.local/two:1", layers: [at("base.tar"), at("own.tar")], entrypoint: ["/usr/bin/own", "--flag"] },
    ]);
    mkdirSync(at("out"));
    execFileSync("tar", ["-xf", at("images.tar"), "-C", at("out")]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("names every blob by its content", () => {
    const blobs = readdirSync(at("out", "blobs", "sha256"));
    expect(blobs.map((blob) => sha256(at("out", "blobs", "sha256", blob)))).toEqual(blobs);
  });

  test("holds a shared layer once: two layers, two configurations, two manifests", () => {
    expect(readdirSync(at("out", "blobs", "sha256"))).toHaveLength(6);
  });

  test("lists its images under their names, with the digests that were returned", () => {
    const { manifests } = JSON.parse(readFileSync(at("out", "index.json"), "utf8"));
    const listed = manifests.map((manifest: { digest: string; annotations: Record<string, string> }) => [
      manifest.annotations["io.containerd.image.name"],
      manifest.digest,
    ]);
    expect(Object.fromEntries(listed)).toEqual(digests);
    expect(Object.keys(digests)).toEqual(["cloudnova.local/one:1", "cloudnova.local/two:1"]);
  });

  test("gives each image its entry point, its layers from the lowest up, and their right sizes", () => {
    const manifest = json(digests["cloudnova.local/two:1"] ?? "");
    const config = json(manifest.config.digest);
    expect(config.config.Entrypoint).toEqual(["/usr/bin/own", "--flag"]);
    expect(config.rootfs.diff_ids).toEqual([`sha256:${sha256(at("base.tar"))}`, `sha256:${sha256(at("own.tar"))}`]);
    expect(manifest.layers.map((layer: { size: number }) => layer.size)).toEqual(
      [at("base.tar"), at("own.tar")].map((path) => readFileSync(path).length),
    );
  });

  test("is written from layers with the same bytes every time, executable for everybody", async () => {
    await writeLayer(at("again.tar"), [{ source: at("program"), path: "/bin/base" }]);
    expect(sha256(at("again.tar"))).toBe(sha256(at("base.tar")));
    expect(execFileSync("tar", ["-tvf", at("base.tar")], { encoding: "utf8" })).toMatch(
      /^-rwxr-xr-x 0\/0 +10 1970-01-01 .* \.\/bin\/base$/m,
    );
  });
});
