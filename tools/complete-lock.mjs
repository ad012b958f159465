// Adds to package-lock.json the binaries of other platforms that a registry's mirror left out: npm writes no entry for a
// package that it cannot find, and `npm ci` then refuses the whole file. Run by `npm run lock` after every change of dependencies.
import { readFileSync, writeFileSync } from "node:fs";

const FILE = "package-lock.json";
const lock = JSON.parse(readFileSync(FILE, "utf8"));
const SYSTEMS = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32", "aix"];
const PROCESSORS = ["arm64", "arm", "x64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "mips64el", "wasm32"];

/** Where such a package is installed, by the words of its name, such as `binding-linux-x64-musl`. */
function platform(name) {
  const words = name.split("/").at(-1).split("-");
  const one = (list) => list.find((word) => words.includes(word));
  const [os, cpu] = [one(SYSTEMS), one(PROCESSORS)];
  if (!os || !cpu) throw new Error(`${FILE}: ${name} is missing, and its name does not say for which platform it is`);
  return { cpu: [cpu], os: [os], ...(words.some((word) => word.startsWith("musl")) && { libc: ["musl"] }) };
}

let added = 0;
for (const [place, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const known = [`${place}/node_modules/${name}`, `node_modules/${name}`].some((path) => lock.packages[path]);
    if (known || place === "" || !/^\d/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = { version, ...platform(name), ...(dev && { dev }), optional: true };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`${FILE}: ${added} packages of other platforms added`);
