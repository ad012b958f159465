import { compare, rowsIn } from "./compare.ts";

const at = (time: number) => ({ sent: time, acknowledged: time + 10 });
const acknowledged = new Map([
  ["a-1", at(1000)],
  ["a-2", at(2000)],
  ["a-3", at(3000)],
]);
const all = { "a-1": 1, "a-2": 1, "a-3": 1 };
const rows = (counts: Record<string, number>) => new Map(Object.entries(counts));

test("nothing is found where every acknowledged write has one row; one without an answer may be there", () => {
  expect(compare(acknowledged, rows({ ...all, "a-4": 1 }), undefined)).toEqual({ lost: [], takenBack: [], doubled: [] });
});

test("a planted loss and a planted double are found, the double also where the write was not acknowledged", () => {
  expect(compare(acknowledged, rows({ "a-1": 1, "a-3": 2, "a-4": 2 }), undefined)).toEqual({
    lost: ["a-2"],
    takenBack: [],
    doubled: ["a-3", "a-4"],
  });
});

test("a restore takes back what was acknowledged since its backup was begun, and nothing else", () => {
  const window = { from: 1990, to: 2500 };
  expect(compare(acknowledged, rows({ "a-1": 1, "a-3": 1 }), window)).toEqual({ lost: [], takenBack: ["a-2"], doubled: [] });
  expect(compare(acknowledged, rows({ "a-1": 1 }), window)).toEqual({ lost: ["a-3"], takenBack: ["a-2"], doubled: [] });
  expect(compare(acknowledged, rows({ "a-2": 1, "a-3": 1 }), window)).toEqual({ lost: ["a-1"], takenBack: [], doubled: [] });
});

test("a write that was under way when the backup began is excused, one that was acknowledged before it is not", () => {
  const missing = rows({ "a-1": 1, "a-3": 1 });
  expect(compare(acknowledged, missing, { from: 2010, to: 2500 }).takenBack).toEqual(["a-2"]);
  expect(compare(acknowledged, missing, { from: 2011, to: 2500 }).lost).toEqual(["a-2"]);
});

test("an empty database has lost everything", () => {
  expect(compare(acknowledged, rows({}), undefined).lost).toEqual(["a-1", "a-2", "a-3"]);
});

test("rows are read as mysql prints them, and anything else is refused", () => {
  expect(rowsIn("a-1\t1\na-2\t3\n")).toEqual(rows({ "a-1": 1, "a-2": 3 }));
  expect(rowsIn("")).toEqual(rows({}));
  expect(() => rowsIn("ERROR 2002 (HY000): Can't connect\n")).toThrow("ERROR 2002");
});
