import { needsColon } from "../../src/monitoring/regex.ts";

test.each([
  ["a:b", true],
  ["(.*):(.*)", true],
  ["a:1|b:2", true],
  ["[:]", true],
  ["\\:", true],
  ["(a:)+", true],
  ["a:{1,3}", true],
  ["(?P<host>[^:]+):\\d+", true],
  ["a:1|b", false],
  ["a:?", false],
  ["a:*", false],
  ["(a:)?b", false],
  ["a:{0,1}b", false],
  ["[^:]+", false],
  ["[a:]", false],
  ["(?:a)", false],
  ["[[:alpha:]]+", false],
  [".*", false],
])("every match of %s holds a colon: %s", (pattern, expected) => {
  expect(needsColon(pattern, "re2")).toBe(expected);
  if (!/P<|\[\[/.test(pattern)) expect(needsColon(pattern, "javascript")).toBe(expected);
});

test("a look-around is JavaScript's alone, and needs nothing itself", () => {
  expect(needsColon("(?!a:)b", "javascript")).toBe(false);
  expect(() => needsColon("(?!a:)b", "re2")).toThrow("unsupported");
});
