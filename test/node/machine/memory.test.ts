import { memoryOf, podFolder } from "../../../node/machine/memory.ts";

const MIB = 1024 * 1024;

describe("memoryOf", () => {
  test("counts children in cgroup v1", () => {
    const stat = `rss ${MIB}\ninactive_file ${MIB}\ntotal_rss ${40 * MIB}\ntotal_inactive_file ${30 * MIB}\n`;
    expect(memoryOf(`${100 * MIB}\n`, stat)).toEqual({ workingSet: 70, anonymous: 40 });
  });

  test("reads cgroup v2", () => {
    expect(memoryOf(`${100 * MIB}\n`, `anon ${50 * MIB}\ninactive_file ${20 * MIB}\n`)).toEqual({ workingSet: 80, anonymous: 50 });
  });

  test("is never negative: the two files are read one after the other", () => {
    expect(memoryOf("0\n", `total_inactive_file ${MIB}\n`).workingSet).toBe(0);
  });
});

describe("podFolder", () => {
  const metadata = { name: "web", namespace: "shop", uid: "1-2" };

  test.each([
    ["Burstable", "kubepods/burstable/pod1-2"],
    ["BestEffort", "kubepods/besteffort/pod1-2"],
    ["Guaranteed", "kubepods/pod1-2"],
  ])("of %s", (qosClass, folder) => {
    expect(podFolder({ metadata, status: { qosClass } })).toBe(folder);
  });

  test("of a static pod goes by its file's hash", () => {
    const annotations = { "kubernetes.io/config.hash": "abc" };
    expect(podFolder({ metadata: { ...metadata, annotations }, status: { qosClass: "Burstable" } })).toBe("kubepods/burstable/podabc");
  });
});
