import fc from "fast-check";
import { cpu, dnsName, duration, image, mebibytes, millicores, quantity, seconds } from "../../src/config/units.ts";

const valid = (schema: { safeParse: (value: unknown) => { success: boolean } }, value: unknown) => schema.safeParse(value).success;

test.each([
  ["64Mi", 64],
  ["2Gi", 2048],
])("%s is %d MiB", (text, expected) => expect(mebibytes(text)).toBe(expected));

test.each([
  ["50m", 50],
  ["2", 2000],
])("%s is %d millicores", (text, expected) => expect(millicores(text)).toBe(expected));

test.each([
  ["15s", 15],
  ["1h30m", 5400],
  ["15d", 1_296_000],
  ["500ms", 0.5],
  ["1w", 604_800],
  ["1y", 31_536_000],
  ["1m30s", 90],
])("%s is %d seconds", (text, expected) => expect(seconds(text)).toBe(expected));
test.each(["1hour", "90", "30s1m", "1h 30m", "", "h"])("%j is not misread, but refused", (text) =>
  expect(() => seconds(text)).toThrow("not a duration"),
);

test.each(["64", "64M", "0Mi", "1.5Gi", "-1Gi", "64mi", " 64Mi", "99999999Gi", ""])("%j is no quantity", (text) =>
  expect(valid(quantity, text)).toBe(false),
);
test.each(["0m", "1.5", "-1", "2cores", "", "0"])("%j is no CPU", (text) => expect(valid(cpu, text)).toBe(false));
test.each(["15", "s", "0s", "1m1h", "-1s", "", "1hour"])("%j is no duration", (text) => expect(valid(duration, text)).toBe(false));
test.each(["a_b.com", "-a.com", "a..b", "1.2.3.4", "UP.com", `${"a".repeat(64)}.com`, "http://a.com", "a.com:80", ""])(
  "%j is no DNS name",
  (text) => expect(valid(dnsName, text)).toBe(false),
);
test.each(["localhost", "a.b-c.example.com", `${"a".repeat(63)}.com`])("%j is a DNS name", (text) =>
  expect(valid(dnsName, text)).toBe(true),
);

const digest = `@sha256:${"0".repeat(64)}`;
test.each([
  "mysql:8.4.11",
  "prom/prometheus:v3.5.5",
  "ghcr.io/me/app:1.0-rc.1",
  "host:5000/app:1",
  `mysql${digest}`,
  `mysql:8.4.11${digest}`,
])("%j is an image", (text) => expect(valid(image, text)).toBe(true));
test.each(["mysql", "mysql:latest", `mysql:latest${digest}`, "mysql:", "host:5000/app", "my sql:1", "mysql@sha256:0", ""])(
  "%j is no image",
  (text) => expect(valid(image, text)).toBe(false),
);

test("every text is answered, and quickly: no pattern runs away", () => {
  const start = process.cpuUsage().user;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "0", ".", "-", "/", ":", "@", "m"), maxLength: 255 }), (text) => {
      for (const schema of [quantity, cpu, duration, dnsName, image]) valid(schema, text);
    }),
    { numRuns: 500 },
  );
  expect(process.cpuUsage().user - start).toBeLessThan(20e6);
});
