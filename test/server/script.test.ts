import { PassThrough } from "node:stream";
import { parse } from "yaml";
import { run } from "../../src/cli/run.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";
import { serverScript as words } from "../../src/messages/server.ts";
import { cloudInit, serverScript } from "../../src/server/script.ts";
import { serverSettings } from "../../src/server/settings.ts";

// What the script does is tried in test/real/server-script.test.ts.
const environment = loadEnvironment("environments/k3s-ec2.yaml");
const more = {
  dataVolume: ["vol-0123456789abcdef0", "/dev/xvdf"],
  offsite: {
    bucket: "a-bucket-with-a-long-name-of-sixty-three-characters-as-s3-allows",
    prefix: "cloudnova",
    region: "us-east-1",
    environment: "mine",
  },
  tlsSans: ["@@ADDRESS@@", "cloudnova.example.com"],
};

afterEach(() => setLocale("en"));

test.each(["en", "es"] as const)("the user data holds the script, and is below EC2's 16,384 bytes (%s)", (language) => {
  setLocale(language);
  const text = cloudInit(serverSettings(environment, more));
  expect(text.startsWith("#cloud-config\n")).toBe(true);
  const { write_files: files, runcmd } = parse(text);
  expect(files).toEqual([
    {
      path: "/usr/local/sbin/cloudnova-server",
      owner: "root:root",
      permissions: "0755",
      content: serverScript(serverSettings(environment, more)),
    },
  ]);
  expect(runcmd).toEqual([[files[0].path]]);
  // Addresses that CloudFormation puts in are longer than their names here.
  expect(Buffer.byteLength(text)).toBeLessThan(16_384 - 256);
});

test("each message has the same values in both languages", () => {
  const values = () => Object.entries(words).map(([key, text]) => [key, text.match(/%./g) ?? []]);
  const english = values();
  expect(english.flatMap(([, found]) => found).every((value) => value === "%s")).toBe(true);
  setLocale("es");
  expect(values()).toEqual(english);
});

async function command(...args: readonly string[]) {
  const texts = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof texts) => {
    const out = new PassThrough();
    out.on("data", (chunk) => {
      texts[name] += chunk;
    });
    return out;
  };
  const code = await run(["server", "script", ...args], {
    stdin: new PassThrough(),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env: {},
  });
  return { code, ...texts };
}

test("server script prints the script for an environment's memory, disk and name", async () => {
  const { code, stdout } = await command("k3s-ec2");
  expect({ code, stdout }).toEqual({ code: 0, stdout: serverScript(serverSettings(environment)) });
  expect(stdout).toMatch(/^MEMORY=2048\nDISK=20480\n/m);
  expect(stdout).toContain("tls-san:\n  - cloudnova.example.com\n");
  expect(stdout).toContain("DATA_VOLUME=()\n");
});

test("server script refuses an environment of kind", async () => {
  expect(await command("kind")).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: the environment 'kind' is for kind; a server is prepared for k3s\n  → give an environment whose key cluster is k3s\n",
  });
});
