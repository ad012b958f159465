import { assertPromql, unquoted } from "../../src/monitoring/valid.ts";
import { REFUSED, TAKEN, TAKEN_BY_PROMETHEUS_ALONE } from "./awkward.ts";

// What the lists say of each query is asked of the real promtool in test/real/prometheus.test.ts.

test.each(TAKEN)("%j is PromQL", (query) => expect(() => assertPromql(query)).not.toThrow());

test.each([...REFUSED, ...TAKEN_BY_PROMETHEUS_ALONE])("%j is refused", (query) => expect(() => assertPromql(query)).toThrow(SyntaxError));

test("the reason names the place", () => {
  expect(() => assertPromql("rate(up)")).toThrow('expected type range vector in call to "rate", got vector in up');
  expect(() => assertPromql('x{a=~"\\d"}')).toThrow("unknown escape sequence \\d");
  expect(() => assertPromql('x{a=~"(?!b)"}')).toThrow("invalid or unsupported syntax: (?!b)");
  expect(() => assertPromql("mad_over_time(up[5m])")).toThrow("unknown function mad_over_time, or one behind a feature flag");
});

test("a string stands for what Go makes of it", () => {
  expect(['"a\\\\d\\t\\u00e9\\x41\\101"', "'it\\'s'", "`\\d`"].map(unquoted)).toEqual(["a\\d\té" + "AA", "it's", "\\d"]);
});
