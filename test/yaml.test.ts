import fc from "fast-check";
import { parse } from "yaml";
import { toYaml } from "../src/yaml.ts";

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // JSON has no -0, and neither does YAML's text for it.
      const wanted = JSON.parse(JSON.stringify({ value }));
      expect(JSON.parse(JSON.stringify(parse(toYaml({ value }))))).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

// Not every text by the 1.1 reader here: it takes "." and "E0" for numbers, which no YAML 1.1 and no Go reader does.
test.each([
  "on",
  "off",
  "y",
  "N",
  "yes",
  "NULL",
  "~",
  "012",
  "0o7",
  "0x1f",
  "1e3",
  "1_000",
  "12:30:45",
  "2026-11-22",
  "<<",
  "=",
  ".inf",
  "",
  " a",
  "a: b",
  "- a",
  "#a",
])("the text %j stays text", (text) => {
  for (const version of ["1.1", "1.2"] as const) expect(parse(toYaml([text]), { version })).toEqual([text]);
});
