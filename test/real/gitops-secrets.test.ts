import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { output, run } from "../../tools/common/run.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { kubectl } from "../cli/bundled-program.ts";
import type { Manifest } from "../manifests.ts";

// Secrets in a repository: SOPS with age as docs/guides/gitops-secrets.md has it, and the manifests of gitops/secrets/ against the definitions of
// the programs that read them. None of those programs runs here.
jest.setTimeout(240_000);

/** Where the definitions come from: Go modules. */
const DEFINITIONS = [
  ["github.com/fluxcd/kustomize-controller@v1.7.3", "config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml"],
  ["github.com/bitnami-labs/sealed-secrets@v0.32.2", "helm/sealed-secrets/crds/bitnami.com_sealedsecrets.yaml"],
  ["github.com/external-secrets/external-secrets@v0.19.2", "config/crds/bases/external-secrets.io_externalsecrets.yaml"],
  ["github.com/external-secrets/external-secrets@v0.19.2", "config/crds/bases/external-secrets.io_secretstores.yaml"],
] as const;

const PASSWORD = "correct horse battery staple";
const SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: alerting
  namespace: cloudnova
stringData:
  smtp-password: ${PASSWORD}
`;

let api: ApiServer;
let folder: string;
const admin = (...args: readonly string[]) => kubectl(api.bin, api.kubeconfig, ...args);

beforeAll(async () => {
  api = await startApiServer();
  folder = mkdtempSync(join(tmpdir(), "cloudnova-secrets-"));
  for (const namespace of ["cloudnova", "flux-system"]) await admin("create", "namespace", namespace);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api?.stop();
});

describe("SOPS with age", () => {
  let sops: string;
  let key: string;
  let repository: string;
  const file = "secrets/alerting.yaml";
  const inRepository = (command: string, args: readonly string[], keyFile = key) =>
    run(command, args, { cwd: repository, env: { SOPS_AGE_KEY_FILE: keyFile, GIT_CONFIG_GLOBAL: "/dev/null" } });
  const must = async (command: string, ...args: readonly string[]) => {
    const { status, stdout, words } = await inRepository(command, args);
    if (status !== 0) throw new Error(words);
    return stdout;
  };

  beforeAll(async () => {
    sops = join(await ensure("sops"), "sops");
    const keygen = join(await ensure("age"), "age-keygen");
    repository = join(folder, "fork");
    mkdirSync(join(repository, "secrets"), { recursive: true });
    key = join(folder, "age.key");
    await output(keygen, ["-o", key]);
    const recipient = (await output(keygen, ["-y", key])).trim();
    writeFileSync(
      join(repository, ".sops.yaml"),
      `creation_rules:\n  - path_regex: ^secrets/\n    encrypted_regex: ^(data|stringData)$\n    age: ${recipient}\n`,
    );
    writeFileSync(join(repository, file), SECRET);
    await must(sops, "encrypt", "--in-place", file);
    await must("git", "init", "--quiet");
    await must("git", "add", "--all");
    await must("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "Add a Secret");
  });

  test("the commit names the Secret and its keys, and holds no value", async () => {
    const committed = await must("git", "show", `HEAD:${file}`);
    expect(committed).toMatch(/name: alerting\n/);
    expect(committed).toMatch(/smtp-password: ENC\[AES256_GCM,/);
    expect(await must("git", "log", "--patch", "--all")).not.toContain(PASSWORD);
  });

  test("decrypted and applied from a clone, the cluster has the value", async () => {
    const clone = join(folder, "clone");
    await output("git", ["clone", "--quiet", repository, clone]);
    const decrypted = join(folder, "decrypted.yaml");
    writeFileSync(decrypted, (await run(sops, ["decrypt", file], { cwd: clone, env: { SOPS_AGE_KEY_FILE: key } })).stdout);
    await admin("apply", "--server-side", "--validate=strict", "-f", decrypted);
    const value = await admin(
      "-n",
      "cloudnova",
      "get",
      "secret",
      "alerting",
      "-o",
      'go-template={{index .data "smtp-password" | base64decode}}',
    );
    expect(value).toBe(PASSWORD);
  });

  test("another key opens nothing, and a changed file is refused", async () => {
    const other = join(folder, "other.key");
    await output(join(await ensure("age"), "age-keygen"), ["-o", other]);
    const locked = await inRepository(sops, ["decrypt", file], other);
    expect([locked.status, locked.stdout]).toEqual([128, ""]);
    const text = readFileSync(join(repository, file), "utf8");
    writeFileSync(join(repository, file), text.replace("name: alerting", "name: elsewhere"));
    const changed = await inRepository(sops, ["decrypt", file]);
    expect(changed.status).not.toBe(0);
    expect(changed.words).toMatch(/MAC mismatch/);
    writeFileSync(join(repository, file), text);
  });
});

test.each(["flux-sops", "sealed-secrets", "external-secrets"])(
  "gitops/secrets/%s.yaml is accepted whole, and a wrong key is not",
  async (name) => {
    for (const [module, path] of DEFINITIONS) {
      const { Dir } = JSON.parse(await output("go", ["mod", "download", "-json", module], { cwd: "/" }));
      await admin("apply", "--server-side", "-f", join(Dir, path));
    }
    await admin("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
    const file = `gitops/secrets/${name}.yaml`;
    await admin("apply", "--server-side", "--validate=strict", "-f", file);
    const objects: Manifest[] = parseAllDocuments(readFileSync(file, "utf8")).map((one) => one.toJS());
    for (const { spec, ...object } of objects) {
      const wrong = join(folder, "wrong.json");
      writeFileSync(wrong, JSON.stringify({ ...object, spec: { ...spec, nonsense: true } }));
      await expect(admin("apply", "--server-side", "--validate=strict", "-f", wrong)).rejects.toThrow(/nonsense/);
    }
  },
);
