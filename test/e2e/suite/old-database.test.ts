import { DumpFilter } from "../../../src/data/filter.ts";
import { difference, type OldDatabase, oldGuestBook, oldTasks, printedRows } from "./old-database.ts";

function read({ dump }: OldDatabase): DumpFilter {
  const filter = new DumpFilter("shop");
  filter.write(Buffer.from(dump));
  filter.end();
  return filter;
}

test.each([
  ["of the guest book", oldGuestBook(), ["createDatabase", "lock", "engine"]],
  ["of the tasks", oldTasks(), ["createDatabase", "lock", "definer"]],
])("the dump %s has every row of its tables, and what an import has to change", (_, old, changes) => {
  const { rows, changes: changed } = read(old);
  const counted = old.tables.map(({ name, rows: own }) => [name, { rows: own.length, exact: true }]);
  expect([...rows]).toEqual(counted);
  expect([...changed.keys()].sort()).toEqual(changes.sort());
});

test("the broken one has one statement more", () => {
  const lines = oldGuestBook(true).dump.split("\n");
  expect(lines.filter((line) => line.includes("`absent`"))).toEqual(["INSERT INTO `absent` VALUES (1);"]);
});

test("the first difference of a table's rows is named", () => {
  const table = {
    name: "a",
    columns: ["id", "text"],
    rows: [
      [1, "ñ"],
      [2, null],
    ],
  };
  expect(
    difference(table, [
      [1, "ñ"],
      [2, null],
    ]),
  ).toBeUndefined();
  expect(difference(table, [[1, "Ã±"]])).toBe('a, row 1: expected [1,"ñ"], saw [1,"Ã±"]');
  expect(difference(table, [[1, "ñ"]])).toBe("a, row 2: expected [2,null], saw undefined");
  expect(difference(table, [[1, "ñ"], [2, null], [3]])).toBe("a: expected 2 rows, saw 3");
});

test("the rows that the command prints", () => {
  const text = "Rows of shop, imported from dump.sql\n  TABLE   OLD  NEW\n  orders    2    2\n  total     2    2\n\n  3 × locks\n";
  expect(printedRows(text)).toEqual([
    ["TABLE", "OLD", "NEW"],
    ["orders", "2", "2"],
    ["total", "2", "2"],
  ]);
});
