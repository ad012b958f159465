import { memoryOf } from "./suite-cluster.ts";

const MIB = 1024 * 1024;

describe("memoryOf", () => {
  test("counts children in cgroup v1", () => {
    const stat = `rss ${MIB}\ninactive_file ${MIB}\ntotal_rss ${40 * MIB}\ntotal_inactive_file ${30 * MIB}\n`;
    expect(memoryOf(`${100 * MIB}\n${stat}`)).toEqual({ workingSet: 70, anonymous: 40 });
  });

  test("reads cgroup v2", () => {
    expect(memoryOf(`${100 * MIB}\nanon ${50 * MIB}\ninactive_file ${20 * MIB}\n`)).toEqual({ workingSet: 80, anonymous: 50 });
  });

  test("is never negative: the two files are read one after the other", () => {
    expect(memoryOf(`0\ntotal_inactive_file ${MIB}\n`).workingSet).toBe(0);
  });
});
