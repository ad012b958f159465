import { keptOf, lostOf } from "./kept.ts";
import { environmentOf } from "./old-version.ts";
import { INTERRUPTED_S, interruption, judge } from "./upgrade-steps.ts";

const failures = (...seconds: readonly number[]) => seconds.map((second) => ({ at: new Date(second * 1000), what: "answered 503" }));

test("an interruption is the time from the first failure to the last", () => {
  expect([interruption([]), interruption(failures(7)), interruption(failures(7, 19, 8))]).toEqual([0, 0, 12]);
});

test("requests may fail only while MySQL's pod is replaced, and only so long", () => {
  expect(judge(100, [], false)).toBe("0 of 100 requests failed");
  expect(judge(100, failures(1, 13), true)).toBe("2 of 100 requests failed, within 12 s (answered 503)");
  expect(() => judge(100, failures(1), false)).toThrow("MySQL's pod was not replaced: 1 × answered 503");
  expect(() => judge(100, failures(1, 2 + INTERRUPTED_S), true)).toThrow(`more than ${INTERRUPTED_S} s`);
  expect(() => judge(0, [], true)).toThrow("no request was sent");
});

const object = (kind: string, name: string, rest: object) => ({ apiVersion: "v1", kind, metadata: { name, uid: name }, ...rest });

test("a Secret's value that changed, one that is gone, and another volume are losses; new values are none", () => {
  const claim = (volumeName: string) => [object("PersistentVolumeClaim", "mysql-data", { spec: { volumeName } })];
  const before = keptOf(
    [object("Secret", "accounts", { data: { root: "YQ==", web: "Yg==" } }), object("Secret", "key", { data: { a: "YQ==" } })],
    claim("one"),
  );
  const same = [
    object("Secret", "accounts", { data: { root: "YQ==", web: "Yg==", backup: "Yw==" } }),
    object("Secret", "key", { data: { a: "YQ==" } }),
  ];
  expect(lostOf(before, keptOf(same, claim("one")))).toEqual([]);
  expect(lostOf(before, keptOf([object("Secret", "accounts", { data: { root: "YQ==", web: "YQ==" } })], claim("two")))).toEqual([
    "Secret accounts web has changed",
    "Secret key a is gone",
    "volume of mysql-data has changed",
  ]);
});

test("the environment of an old version keeps its own form, with the suite's ports and images of its own", () => {
  const text = environmentOf("cluster: kind\nwebapp:\n  writeAccess: open\nimages:\n  mysql: cloudnova.local/mysql:sid\n", ["webapp"]);
  expect(text).toContain("webapp:\n  writeAccess: open\n");
  expect(text).toMatch(/ports:\n {4}http: \d+\n {4}https: \d+\n/);
  expect(text).toContain("  webapp: cloudnova-webapp:upgraded\n");
  expect(text).not.toContain("cloudnova-helper");
});
