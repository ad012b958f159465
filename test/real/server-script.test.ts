import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";
import { cloudInit, serverScript } from "../../src/server/script.ts";
import { type ServerSettings, serverSettings } from "../../src/server/settings.ts";
import { inQuotes } from "../../src/shell.ts";
import { K3S_INSTALL_SCRIPT, K3S_RELEASE } from "../../src/versions.ts";
import { debianRoot } from "../../tools/cluster/debian.ts";
import { type Run, run } from "../../tools/common/run.ts";
import { temporaryFolder } from "../temporary.ts";

// The script that prepares a server, in a Debian root file system. k3s and its installer are made up; swapon and sysctl, which would
// change this machine, only write down how they were called. systemctl is systemd's own, which starts nothing in a changed root.
jest.setTimeout(15 * 60_000); // the first run makes the root file system

const PACKAGES = ["ca-certificates", "curl", "e2fsprogs", "iproute2", "python3-minimal", "rclone", "systemd", "unattended-upgrades"];
const VOLUME = "vol-0123456789abcdef0";
const arch = process.arch === "arm64" ? { arch: "arm64", suffix: "-arm64" } : { arch: "amd64", suffix: "" };

const K3S = `#!/bin/sh
case "$*" in "kubectl get --raw /readyz") [ ! -e /srv/broken ] && echo ok ;; esac
`;
/** What k3s' installer leaves behind where it downloads and starts nothing. */
const INSTALLER = `#!/bin/sh
[ "$INSTALL_K3S_SKIP_DOWNLOAD$INSTALL_K3S_SKIP_START" = truetrue ] || exit 1
echo install >> /srv/calls
printf '[Service]\\nExecStart=/usr/local/bin/k3s server\\n[Install]\\nWantedBy=multi-user.target\\n' > /etc/systemd/system/k3s.service
`;
const noted = (name: string, body = "") => `#!/bin/sh\necho "${name} $*" >> /srv/calls\n${body}\n`;

let base: string;
let folder: string;
beforeAll(async () => {
  folder = temporaryFolder("server");
  base = join(folder, "base");
  mkdirSync(base);
  const { tar } = await debianRoot({ suite: "bookworm", packages: PACKAGES });
  execFileSync("tar", ["--extract", "--numeric-owner", "--exclude=./dev/*", "--file", tar, "--directory", base]);
});

const { config } = loadEnvironment("environments/k3s-ec2.yaml");
/** This machine's disk and memory have room for these. */
const small = { memory: 512, disk: 256 };

/** A server that was just installed: the root file system with a layer of its own. */
class Server {
  readonly folder: string;

  constructor(name: string) {
    this.folder = join(folder, name);
    for (const part of ["upper", "work", "root"]) mkdirSync(join(this.folder, part), { recursive: true });
    this.write("srv/k3s", K3S);
    this.write(`srv/sha256sum-${arch.arch}.txt`, `${createHash("sha256").update(K3S).digest("hex")}  k3s${arch.suffix}\n`);
    this.write("srv/install.sh", INSTALLER);
    this.write("usr/local/sbin/swapon", noted("swapon", 'if [ "$1" = --noheadings ]; then [ ! -e /swapfile ] || echo /swapfile; fi'));
    this.write("usr/local/sbin/sysctl", noted("sysctl"));
    this.write("usr/local/sbin/systemctl", noted("systemctl", 'exec /usr/bin/systemctl "$@"'));
  }

  write(path: string, text: string): void {
    const file = join(this.folder, "upper", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, "upper", path), "utf8");
  }

  /** How programs were called since the last look. */
  calls(): string[] {
    const calls = existsSync(join(this.folder, "upper/srv/calls")) ? this.read("srv/calls").trim().split("\n") : [];
    this.write("srv/calls", "");
    return calls.filter((call) => call !== "" && !call.startsWith("swapon --noheadings"));
  }

  /** Runs the script as its user would. @param before shell words in the server, before it. @param after likewise, after it */
  prepare(more: Partial<ServerSettings> = {}, { before = "", after = "" } = {}): Promise<Run> {
    const script = serverScript(serverSettings({ config }, { ...small, ...more }))
      .replaceAll(K3S_RELEASE, "file:///srv")
      .replaceAll(K3S_INSTALL_SCRIPT, "file:///srv/install.sh")
      .replace(/^VOLUME_WAIT=.*/m, "VOLUME_WAIT=2")
      .replaceAll("/srv/k3s-arm64", "/srv/k3s");
    this.write("srv/prepare.sh", script);
    const at = (part: string) => join(this.folder, part);
    const setup = `
      set -e
      mount -t overlay overlay -o lowerdir=${base},upperdir=${at("upper")},workdir=${at("work")} ${at("root")}
      cd ${at("root")}
      mount -t proc proc proc
      mount -t tmpfs tmpfs dev
      cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom dev/
      ln -s /proc/self/fd dev/fd
      for device in /dev/loop[0-9]*; do cp -a $device dev/; done
      mkdir -p dev/disk/by-id
      ip link set lo up
      env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot . bash -c ${inQuotes(`${before}
      bash < /srv/prepare.sh; status=$?
      ${after}
      exit $status`)}
      exit $?`; // not as the first process: systemctl compares its root with that one's
    return run("unshare", ["--mount", "--net", "--pid", "--fork", "--kill-child", "bash", "-c", setup]);
  }
}

/** An empty disk. @param bytes its size */
function disk(name: string): { readonly device: string; readonly remove: () => void } {
  const file = join(folder, `${name}.img`);
  execFileSync("truncate", ["--size=400M", file]);
  const device = execFileSync("losetup", ["--find", "--show", file], { encoding: "utf8" }).trim();
  return { device, remove: () => execFileSync("losetup", ["--detach", device]) };
}

/** The shell words that attach a disk as EC2 does. */
const attach = (device: string) => `ln -s ${device} /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME.replace("-", "")}`;

test("a bare server is prepared, and a second run changes nothing", async () => {
  const server = new Server("bare");
  const first = await server.prepare({ tlsSans: ["203.0.113.7"] });
  expect(first.words).not.toMatch(/cloudnova: .*error/);
  expect({ status: first.status, end: first.stdout.trim().split("\n").at(-1) }).toEqual({
    status: 0,
    end: "cloudnova: this server is ready",
  });
  expect(first.stdout).toMatch(
    /downloading k3s v1\.34\.\S+ from file:\/\/\/srv; it is checked against the sums that the release publishes/,
  );
  expect(server.calls()).toEqual([
    "swapon /swapfile",
    "sysctl -q --system",
    "systemctl restart systemd-journald",
    "install",
    "systemctl daemon-reload",
    "systemctl enable -q k3s",
    "systemctl restart k3s",
  ]);
  expect(server.read("etc/rancher/k3s/config.yaml")).toBe(
    `node-name: cloudnova
tls-san:
  - 203.0.113.7
secrets-encryption: true
disable:
  - metrics-server
kubelet-arg:
  - container-log-max-size=10Mi
  - container-log-max-files=3
`,
  );
  expect(statSync(join(server.folder, "upper/etc/rancher/k3s/config.yaml")).mode & 0o777).toBe(0o600);
  expect(server.read("etc/fstab")).toContain("/swapfile none swap sw 0 0\n");

  const files = ["etc/fstab", "etc/sysctl.d/90-cloudnova.conf", "etc/apt/apt.conf.d/52cloudnova", "usr/local/bin/k3s"];
  const before = files.map((file) => [server.read(file), statSync(join(server.folder, "upper", file)).mtimeMs]);
  const second = await server.prepare({ tlsSans: ["203.0.113.7"] });
  expect(second.status).toBe(0);
  expect(second.stdout).not.toContain("downloading");
  expect(server.calls()).toEqual(["systemctl daemon-reload", "systemctl enable -q k3s", "systemctl start k3s"]);
  expect(files.map((file) => [server.read(file), statSync(join(server.folder, "upper", file)).mtimeMs])).toEqual(before);

  // Another name in the certificate is a change of the configuration alone.
  expect((await server.prepare({ tlsSans: ["203.0.113.8"] })).status).toBe(0);
  expect(server.calls()).toContain("systemctl restart k3s");
});

test("the data volume is formatted once, and another server goes on with it", async () => {
  const { device, remove } = disk("data");
  try {
    const one = new Server("one");
    const first = await one.prepare(
      { dataVolume: [VOLUME, "/dev/xvdf"] },
      {
        before: `${attach(device)}; mkdir -p /etc/rancher/node; echo secret > /etc/rancher/node/password`,
        after: "mkdir -p /var/lib/rancher/k3s; echo kept > /var/lib/rancher/k3s/datastore; umount /var/lib/rancher",
      },
    );
    expect(first.words + first.stdout).toMatch(/formatting the empty data volume \/dev\/loop\d+/);
    expect(first.status).toBe(0);
    expect(one.read("etc/systemd/system/k3s.service.d/cloudnova.conf")).toBe("[Unit]\nRequiresMountsFor=/var/lib/rancher\n");
    const two = new Server("two");
    const second = await two.prepare(
      { dataVolume: [VOLUME, "/dev/xvdf"] },
      { before: attach(device), after: "cat /var/lib/rancher/k3s/datastore /etc/rancher/node/password; umount /var/lib/rancher" },
    );
    expect(second.stdout).not.toContain("formatting");
    expect(second.stdout.trim().split("\n").slice(-2)).toEqual(["kept", "secret"]);
    expect(two.read("etc/fstab")).toMatch(/^UUID=\S+ \/var\/lib\/rancher ext4 noatime,nofail,x-systemd\.device-timeout=60s 0 2$/m);
    // A second run on the same machine finds it mounted, and adds no line.
    expect((await two.prepare({ dataVolume: [VOLUME] }, { before: attach(device) })).status).toBe(0);
    expect(two.read("etc/fstab").match(/\/var\/lib\/rancher/g)).toHaveLength(1);
  } finally {
    remove();
  }
});

test("a data volume with something else on it is not formatted", async () => {
  const { device, remove } = disk("foreign");
  try {
    execFileSync("mkswap", [device], { stdio: "ignore" });
    const before = readFileSync(join(folder, "foreign.img")).subarray(0, 8192);
    const { status, stderr } = await new Server("foreign").prepare({ dataVolume: [VOLUME] }, { before: attach(device) });
    expect(stderr).toMatch(
      /cloudnova: the data volume \/dev\/loop\d+ is not empty and holds no ext4 file system \(found: swap\): nothing was formatted/,
    );
    expect(status).toBe(1);
    expect(readFileSync(join(folder, "foreign.img")).subarray(0, 8192).equals(before)).toBe(true);
  } finally {
    remove();
  }
});

const listen = (port: number) =>
  `python3 -c 'import socket, time; s = socket.create_server(("", ${port})); open("/srv/listens", "w"); time.sleep(60)' &
   while [ ! -e /srv/listens ]; do sleep 0.05; done`;

test.each<[string, Partial<ServerSettings>, string, RegExp]>([
  [
    "a machine of 1 GiB",
    { memory: 2048 },
    "printf 'MemTotal: 980000 kB\\n' > /srv/meminfo; mount --bind /srv/meminfo /proc/meminfo",
    /this machine has 957 MiB of memory, and the environment counts on 2048/,
  ],
  [
    "a disk of 8 GiB",
    { disk: 20_480 },
    "mkdir /var/lib/rancher; mount -t tmpfs -o size=8G tmpfs /var/lib/rancher",
    /the file system of \/var\/lib\/rancher has 8192 MiB, and 20480 are needed/,
  ],
  ["Apache at port 80", {}, listen(80), /port 80 is taken by python3: stop it, for example with 'systemctl disable --now python3'/],
  ["another Traefik at port 443", {}, listen(443), /port 443 is taken by python3/],
  ["another k3s", {}, "mkdir -p /etc/rancher/k3s", /another Kubernetes is here \(\/etc\/rancher\/k3s\)/],
  ["another system", {}, "printf 'ID=fedora\\n' > /etc/os-release", /made for Ubuntu and Debian, and this system is 'fedora '/],
  ["no data volume", { dataVolume: [VOLUME] }, "", /the data volume \(vol-0123456789abcdef0\) is not attached/],
  ["no internet", {}, `rm /srv/sha256sum-${arch.arch}.txt`, /file:\/\/\/srv\/sha256sum-\S+ cannot be downloaded/],
  ["another file than the release's", {}, "echo changed >> /srv/k3s", /\/srv\/k3s does not have the SHA-256 that its release names/],
  ["a log-in page in the place of the sums", {}, `echo '<html>' > /srv/sha256sum-${arch.arch}.txt`, /does not name the program/],
])("%s is refused in words", async (name, settings, before, words) => {
  const server = new Server(name.replaceAll(/\W/g, "-"));
  const { status, stderr } = await server.prepare(settings, { before });
  expect(stderr).toMatch(words);
  expect(status).toBe(1);
  expect(server.calls().filter((call) => /install|k3s/.test(call))).toEqual([]);
});

test("the messages are in the language of the command line", async () => {
  setLocale("es");
  try {
    const { stderr } = await new Server("spanish").prepare({}, { before: listen(80) });
    expect(stderr).toContain("cloudnova: el puerto 80 está ocupado por python3: deténgalo");
  } finally {
    setLocale("en");
  }
});

test("the encrypted backups of each unit are copied with their sums, and nothing else", async () => {
  const server = new Server("offsite");
  const offsite = { bucket: "mine", prefix: "cloudnova", region: "us-east-1", environment: "mine" };
  const storage = "/var/lib/rancher/k3s/storage";
  const copies = "sed -i 's,:s3:,/srv/bucket/,' /usr/local/sbin/cloudnova-offsite; /usr/local/sbin/cloudnova-offsite";
  const { status, stderr } = await server.prepare(
    { offsite },
    {
      after: `mkdir -p ${storage}/pvc-1_shop_backups ${storage}/pvc-2_shop_data ${storage}/pvc-3_empty_backups
        cd ${storage}/pvc-1_shop_backups
        for name in shop-20261127T021700Z shop-20261128T021700Z shop-2-20261127T021700Z; do echo $name > $name.cnb; echo sum > $name.cnb.sha256; done
        touch shop-20261129T021700Z.cnb.partial ../pvc-2_shop_data/shop-20261127T021700Z.cnb
        ${copies} || status=2; ${copies} || status=3`,
    },
  );
  expect(stderr.replaceAll(/^Running in chroot, ignoring command .*\n/gm, "")).toBe("");
  expect(status).toBe(0);
  const names = ["shop-20261127T021700Z.cnb", "shop-20261128T021700Z.cnb"].flatMap((name) => [name, `${name}.sha256`]);
  const bucket = (unit: string) => readdirSync(join(server.folder, "upper/srv/bucket/mine/cloudnova/mine", unit)).sort();
  expect(bucket(".")).toEqual(["shop", "shop-2"]);
  expect(bucket("shop")).toEqual(names);
  expect(bucket("shop-2")).toEqual(["shop-2-20261127T021700Z.cnb", "shop-2-20261127T021700Z.cnb.sha256"]);
  expect(server.calls()).toContain("systemctl start cloudnova-offsite.timer");
});

test.each(["en", "es"] as const)("shellcheck and cloud-init accept what is generated (%s)", async (language) => {
  setLocale(language);
  try {
    const offsite = { bucket: "mine", prefix: "cloudnova", region: "us-east-1", environment: "mine" };
    const settings = serverSettings(
      { config },
      { dataVolume: [VOLUME, "/dev/xvdf"], offsite, tlsSans: ["203.0.113.7", "app.example.com"] },
    );
    expect(await run("shellcheck", ["-"], { input: serverScript(settings) })).toMatchObject({ status: 0, stdout: "" });
    const file = join(folder, `${language}.yaml`);
    writeFileSync(file, cloudInit(settings));
    const { status, stdout, stderr } = await run("cloud-init", ["schema", "--config-file", file]);
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: expect.stringContaining("Valid cloud-config") });
  } finally {
    setLocale("en");
  }
});
