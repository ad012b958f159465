import { jobOf, runJob } from "../../../src/cluster/backup/job.ts";
import { unitNamed, unitOf, unitsIn } from "../../../src/cluster/backup/units.ts";
import { lossIn } from "../../../src/cluster/backup/warning.ts";
import { find, type Manifest, manifestsOf, synthesiseText } from "../../manifests.ts";
import { BackupCluster } from "./backup-cluster.ts";

const SIZES = "cluster: kind\nmachine: { memory: 8Gi, cpu: '4', disk: 60Gi }\n";
const SHOP = `applications:
  shop: { image: s:1, ingress: { path: /s }, replicas: 2, volumes: { uploads: { path: /srv/u } } }
  files: { image: f:1, ingress: { path: /f }, database: false, volumes: { data: { path: /srv } } }
`;
const KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const STORE = "store: { endpoint: 'https://s3.example.com', bucket: mine }";
const manifests = manifestsOf(synthesiseText(SIZES + SHOP));
const cronJob = (namespace: string) =>
  find(
    manifests.filter(({ metadata }) => metadata.namespace === namespace),
    "CronJob",
    "backup",
  );

describe("the Job of a command", () => {
  test("is one try of the scheduled run's pod, with other words", () => {
    const job = jobOf(cronJob("cloudnova-shop"), { words: ["check", "NAME"] }) as Manifest;
    const scheduled = cronJob("cloudnova-shop").spec.jobTemplate.spec.template.spec;
    const { spec } = job.spec.template;
    expect(job.spec.backoffLimit).toBe(0);
    expect(spec.containers[0].command).toEqual(["/helper/cloudnova-helper", "backup", "check", "/etc/backup/plan.json", "NAME"]);
    expect({
      ...spec,
      restartPolicy: "OnFailure",
      containers: [{ ...spec.containers[0], command: scheduled.containers[0].command }],
    }).toEqual(scheduled);
  });

  test("has its words as arguments where the pod runs from the helper's image", () => {
    const job = jobOf(cronJob("cloudnova-files"), { words: ["list", "--json"] }) as Manifest;
    expect(job.spec.template.spec.containers[0].args).toEqual(["backup", "list", "/etc/backup/plan.json", "--json"]);
  });

  test("writes to the application's volumes and changes Secrets only where it is asked to", () => {
    const mounts = (job: Manifest) =>
      job.spec.template.spec.containers[0].volumeMounts
        .filter(({ readOnly }: Manifest) => !readOnly)
        .map(({ mountPath }: Manifest) => mountPath);
    const [plain, restore] = [{}, { writable: true, secrets: true }].map(
      (more) => jobOf(cronJob("cloudnova-shop"), { words: ["restore", "NAME"], ...more }) as Manifest,
    );
    expect([mounts(plain), plain.spec.template.spec.serviceAccountName]).toEqual([["/backups", "/tmp"], "backup"]);
    expect([mounts(restore), restore.spec.template.spec.serviceAccountName]).toEqual([
      ["/backups", "/tmp", "/volumes/uploads"],
      "backup-restore",
    ]);
  });
});

describe("running it", () => {
  let cluster: BackupCluster;
  beforeEach(async () => {
    cluster = await BackupCluster.start();
    cluster.deploy(manifests);
  });
  afterEach(() => cluster.api.stop());
  const run = async () => {
    const lines: string[] = [];
    const events = { line: (text: string) => lines.push(text), note: (text: string) => lines.push(`note ${text}`) };
    const done = await runJob(cluster.api.client(), "cloudnova-shop", { words: ["run"] }, events);
    return { ...done, lines };
  };

  test("gives its result, shows the lines for people, and removes the Job", async () => {
    cluster.answers = () => ({ log: 'dumping shop\n{"name":"a"}\ndone\n' });
    expect(await run()).toEqual({ ok: true, result: { name: "a" }, last: "done", lines: ["dumping shop", "done"] });
    expect(cluster.done).toEqual(["run run", "delete backup-run"]);
  });

  test("shows each line once where the log ends before the container's state does", async () => {
    cluster.late = 2;
    cluster.answers = () => ({ log: 'dumping shop\n{"name":"a"}\ndone\n' });
    expect(await run()).toEqual({ ok: true, result: { name: "a" }, last: "done", lines: ["dumping shop", "done"] });
  });

  test("a failed one says why in its last line, and is removed too", async () => {
    cluster.answers = () => ({ log: "dumping shop\nthe volume is full\n", code: 1 });
    expect(await run()).toMatchObject({ ok: false, result: undefined, last: "the volume is full" });
    expect(cluster.done.at(-1)).toBe("delete backup-run");
  });

  test("an environment that was never applied is named", async () => {
    cluster.api.objects.clear();
    await expect(run()).rejects.toThrow("there is no CronJob backup in namespace cloudnova-shop");
  });
});

describe("units", () => {
  const units = unitsIn(manifests);

  test("are the namespaces that have data, with the applications that a restore stops", () => {
    expect(units).toEqual([
      {
        name: "cloudnova",
        recipients: [],
        offsite: false,
        applications: [],
        grafana: { kind: "StatefulSet", name: "grafana", replicas: 1 },
      },
      { name: "cloudnova-shop", recipients: [], offsite: false, applications: [{ kind: "Deployment", name: "shop", replicas: 2 }] },
      { name: "cloudnova-files", recipients: [], offsite: false, applications: [{ kind: "Deployment", name: "files", replicas: 1 }] },
    ]);
    expect(unitsIn(manifestsOf(synthesiseText(SIZES)))).toMatchObject([{ name: "cloudnova", applications: [{ name: "webapp" }] }]);
  });

  test("are found by their namespace, an application's name, or a backup's", () => {
    expect(unitNamed(units, "shop").name).toBe("cloudnova-shop");
    expect(unitOf(units, "cloudnova-shop-20261127T021700Z").name).toBe("cloudnova-shop");
    expect(() => unitNamed(units, "other")).toThrow("no backups are made of 'other' in this environment");
    expect(() => unitOf(units, "cloudnova-shop")).toThrow("'cloudnova-shop' is not the name of a backup");
    expect(() => unitOf(units, "elsewhere-20261127T021700Z")).toThrow("no backups are made of 'elsewhere'");
  });
});

test.each([
  ["", /^The backups are on this machine alone and open with a key on it alone: losing the machine loses everything/],
  [`backups: { recipients: [${KEY}] }`, /^The backups are on this machine alone: losing/],
  [`backups: { ${STORE} }`, /^The backups open with a key on this machine alone: losing/],
  ["backups: false", /^No backups are made/],
])("with %j the loss of the machine is said to lose everything", (text, expected) => {
  expect(lossIn(manifestsOf(synthesiseText(`${SIZES}${text}\n`)))).toMatch(expected);
});

test("with a key of the owner's and a store there is nothing to warn of", () => {
  expect(lossIn(manifestsOf(synthesiseText(`${SIZES}backups: { recipients: [${KEY}], ${STORE} }\n`)))).toBeUndefined();
});
