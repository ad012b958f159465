import { defaultResources, RESOURCES } from "../../src/config/resources.ts";

const usual = { bufferPool: "48Mi", maxConnections: 40 };

test("the defaults of the schema give the table as it stands", () => expect(defaultResources({ workers: 1 }, usual)).toEqual(RESOURCES));

test("MySQL's memory follows its buffer pool, and its limit the connections beyond the default too", () => {
  const of = (database: typeof usual) => {
    const { memory, memoryLimit } = defaultResources({ workers: 1 }, database).mysql;
    return [memory, memoryLimit];
  };
  expect(of({ ...usual, bufferPool: "256Mi" })).toEqual(["424Mi", "520Mi"]);
  expect(of({ ...usual, bufferPool: "16Mi" })).toEqual(["184Mi", "280Mi"]);
  expect(of({ ...usual, maxConnections: 200 })).toEqual(["216Mi", "472Mi"]);
  expect(of({ ...usual, maxConnections: 10 })).toEqual(["216Mi", "312Mi"]);
});
