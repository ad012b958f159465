import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output } from "../../../tools/common/run.ts";
import { type Memory, memoryOf } from "../suite/suite-cluster.ts";

const ROOT = "/sys/fs/cgroup";

/** A memory limit over several containers, which name it as their `cgroup_parent`. */
export class SharedLimit {
  private constructor(
    readonly parent: string,
    private readonly folder: string,
    private readonly v2: boolean,
  ) {}

  /**
   * Makes the group. Its memory includes what is swapped out, so that there is no way around the limit.
   *
   * @param mib the limit
   * @throws Error where Docker lets systemd make its groups, or where this is no Linux or not root
   */
  static async of(name: string, mib: number, env: Readonly<Record<string, string>>): Promise<SharedLimit> {
    const driver = (await output("docker", ["info", "--format", "{{.CgroupDriver}}"], { env })).trim();
    if (driver !== "cgroupfs")
      throw new Error(
        `Docker's cgroup driver is ${driver}: the benchmark limits a group of containers, which it can with cgroupfs alone; set "exec-opts": ["native.cgroupdriver=cgroupfs"] in /etc/docker/daemon.json`,
      );
    const v2 = existsSync(join(ROOT, "cgroup.controllers"));
    const limit = new SharedLimit(`/${name}`, v2 ? join(ROOT, name) : join(ROOT, "memory", name), v2);
    mkdirSync(limit.folder, { recursive: true });
    const bytes = String(mib * 1024 * 1024);
    if (v2) {
      limit.write("memory.max", bytes);
      limit.write("memory.swap.max", "0");
    } else {
      limit.write("memory.limit_in_bytes", bytes);
      // Absent on kernels that do not count swapped memory.
      if (existsSync(join(limit.folder, "memory.memsw.limit_in_bytes"))) limit.write("memory.memsw.limit_in_bytes", bytes);
    }
    return limit;
  }

  private write(file: string, value: string): void {
    writeFileSync(join(this.folder, file), value);
  }

  /** Memory of one container by its whole id, or of all together. */
  memory(container = "."): Memory {
    const read = (file: string) => readFileSync(join(this.folder, container, file), "utf8");
    return memoryOf(`${read(this.v2 ? "memory.current" : "memory.usage_in_bytes")}${read("memory.stat")}`);
  }

  /** Removes the group, in cgroup v1 from every hierarchy in which a container's runtime made it. Its containers must be gone. */
  remove(): void {
    const hierarchies = this.v2 ? [ROOT] : readdirSync(ROOT).map((name) => join(ROOT, name));
    for (const folder of hierarchies.map((one) => join(one, this.parent))) if (existsSync(folder)) rmdirSync(folder);
  }
}
