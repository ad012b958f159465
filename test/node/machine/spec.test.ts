import { capabilitiesIn } from "../../../node/machine/capabilities.ts";
import { containerdFiles } from "../../../node/machine/containerd.ts";
import { DATA, HOST } from "../../../node/machine/layout.ts";
import { portList } from "../../../node/machine/runc.ts";
import { containerSpec } from "../../../node/machine/spec.ts";

describe("capabilitiesIn", () => {
  test("names the bits that are set, and no others", () => {
    expect(capabilitiesIn("CapEff:\tffff\nCapBnd:\t0000000000200001\n")).toEqual(["CAP_CHOWN", "CAP_SYS_ADMIN"]);
  });

  test("leaves out CAP_SYS_RESOURCE where a sandbox lacks it", () => {
    const most = capabilitiesIn("CapBnd:\t000001fffeffffff");
    expect(most).not.toContain("CAP_SYS_RESOURCE");
    expect(most).toContain("CAP_SYS_NICE");
    expect(most.at(-1)).toBe("CAP_CHECKPOINT_RESTORE");
  });

  test("is empty for a text without the field", () => {
    expect(capabilitiesIn("Name:\tbash\n")).toEqual([]);
  });
});

describe("containerSpec", () => {
  const props = {
    memoryMiB: 1700,
    capabilities: ["CAP_CHOWN"],
    programs: { kubelet: "/cache/kubelet" },
    images: "/cache/images",
    modules: false,
  };
  // biome-ignore lint/suspicious/noExplicitAny: a document that runc reads
  const spec = containerSpec(props) as any;

  test("limits the memory of the whole node, in bytes", () => {
    expect(spec.linux.resources.memory.limit).toBe(1_782_579_200);
  });

  test("shares nothing with the machine that a node changes", () => {
    expect(spec.linux.namespaces.map(({ type }: { type: string }) => type).sort()).toEqual([
      "cgroup",
      "ipc",
      "mount",
      "network",
      "pid",
      "uts",
    ]);
  });

  test("keeps Kubernetes' folders on the node's disk", () => {
    for (const [name, destination] of Object.entries(DATA)) {
      expect(spec.mounts).toContainEqual(expect.objectContaining({ destination, source: `${HOST.data}/${name}` }));
    }
  });

  test("shows programs and images read-only", () => {
    for (const destination of ["/usr/local/bin/kubelet", "/opt/images", "/opt/config"]) {
      expect(spec.mounts).toContainEqual(expect.objectContaining({ destination, options: expect.arrayContaining(["ro"]) }));
    }
  });

  test("mounts kernel modules only where the machine has them", () => {
    const has = (modules: boolean) => JSON.stringify(containerSpec({ ...props, modules })).includes("/lib/modules");
    expect([has(true), has(false)]).toEqual([true, false]);
  });
});

describe("containerdFiles", () => {
  const files = containerdFiles("/opt/config", "cloudnova.local/pause:1");

  test("names the pause image and the folder of the network's file", () => {
    expect(files["containerd.toml"]).toContain('sandbox_image = "cloudnova.local/pause:1"');
    expect(files["containerd.toml"]).toContain('conf_dir = "/opt/config/cni"');
  });

  test("forgets the pods' addresses at a stop", () => {
    expect(JSON.parse(files["cni/10-cloudnova.conflist"] ?? "").plugins[0].ipam.dataDir).toMatch(/^\/run\//);
  });
});

test("portList says which port outside leads to which inside", () => {
  const ports = [
    { machine: 41_234, node: 6443 },
    { machine: 30_443, node: 30_443 },
  ];
  expect(portList(ports)).toBe("41234:6443,30443:30443");
});
