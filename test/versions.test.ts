import fc from "fast-check";
import { parseEnvironment } from "../src/config/load.ts";
import { image, registry } from "../src/config/units.ts";
import { type Component, IMAGES, imageVersion, isBuiltHere, withRegistry } from "../src/versions.ts";

const part = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)?$/).filter((text) => text.length <= 12);
const host = fc.oneof(
  fc.tuple(part, part).map((labels) => labels.join(".").replaceAll("_", "-")),
  fc.tuple(fc.constantFrom("localhost", "mirror", "10.0.0.7"), fc.integer({ min: 1, max: 65_535 })).map((ends) => ends.join(":")),
  fc.constant("localhost"),
);
const anyRegistry = fc.tuple(host, fc.array(part, { maxLength: 3 })).map(([first, rest]) => [first, ...rest].join("/"));
const tag = fc.constantFrom(":1", ":v3.7.15", `@sha256:${"0".repeat(64)}`, `:9.7@sha256:${"a".repeat(64)}`);
/** An image of Docker Hub, and the path that it has there. */
const ofHub = fc
  .tuple(fc.option(part.filter((owner) => !owner.includes(".") && owner !== "localhost")), part, tag)
  .map(([owner, name, version]) => ({
    name: `${owner ? `${owner}/` : ""}${name}${version}`,
    path: `${owner ?? "library"}/${name}${version}`,
  }));

describe("withRegistry", () => {
  test("any registry has any image of Docker Hub at its path there, which is a valid image of the same version", () => {
    fc.assert(
      fc.property(anyRegistry, ofHub, fc.boolean(), (prefix, { name, path }, whole) => {
        expect(registry.parse(prefix)).toBe(prefix);
        const moved = withRegistry(prefix, whole ? `docker.io/${name}` : name);
        expect(moved).toBe(`${prefix}/${path}`);
        expect(image.parse(moved)).toBe(moved);
        expect(imageVersion(moved)).toBe(imageVersion(name));
        expect(withRegistry(prefix, moved)).toBe(moved);
        expect(withRegistry(undefined, name)).toBe(name);
      }),
    );
  });
  test.each([
    ["mysql:9.7.4", "mirror.example.com/hub/library/mysql:9.7.4"],
    ["docker.io/library/python:3.13-slim", "mirror.example.com/hub/library/python:3.13-slim"],
    ["kindest/node:v1.34.2@sha256:0c", "mirror.example.com/hub/kindest/node:v1.34.2@sha256:0c"],
    ["quay.io/prometheus/prometheus:v3.5.5", "quay.io/prometheus/prometheus:v3.5.5"],
    ["localhost/web:1", "localhost/web:1"],
    ["registry:5000/web:1", "registry:5000/web:1"],
  ])("%s is %s", (name, moved) => expect(withRegistry("mirror.example.com/hub", name)).toBe(moved));
});

test("an environment's registry moves every image but our own and those that the environment names", () => {
  const others = Object.keys(IMAGES).filter((name) => !isBuiltHere(name)) as Component[];
  fc.assert(
    fc.property(anyRegistry, fc.subarray(Object.keys(IMAGES) as Component[]), (prefix, named) => {
      const images = Object.fromEntries(named.map((name) => [name, `${name}:1`]));
      const file = { cluster: "kind", machine: { memory: "4Gi", cpu: "2" }, registry: prefix, images };
      const { config } = parseEnvironment(JSON.stringify(file), "trial.yaml");
      const moved = Object.fromEntries(others.map((name) => [name, withRegistry(prefix, IMAGES[name])]));
      expect(config.images).toEqual({ ...IMAGES, ...moved, ...images });
    }),
    { numRuns: 50 },
  );
});
