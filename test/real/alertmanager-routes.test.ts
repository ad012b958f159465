import fc from "fast-check";
import { stringify } from "yaml";
import { alerting } from "../charts/alerting.ts";
import { manifestsOf, SHIPPED, synthesiseFile, synthesiseText } from "../manifests.ts";
import { configurationFiles, FOLDERS } from "./alertmanager-files.ts";
import { inRoot, serversRoot } from "./servers.ts";

/** Alertmanager's configuration by its own amtool: what it accepts, and whom it would tell. */
jest.setTimeout(15 * 60_000);

const MAIN = "/etc/cloudnova/alertmanager.yml";
let root: string;
beforeAll(async () => {
  root = await serversRoot();
});

const amtool = (files: Readonly<Record<string, string>>, words: string) => inRoot(root, FOLDERS, files, `amtool ${words}`);
/** In the mode that will be the default: matchers that the old parser alone understands are refused. */
const check = (files: Readonly<Record<string, string>>) => amtool(files, `check-config --enable-feature=utf8-strict-mode ${MAIN}`);
const filesOf = (section: object) =>
  configurationFiles(manifestsOf(synthesiseText(stringify({ cluster: "k3s", machine: { instance: "t3.small" }, alerting: section }))));

test.each(SHIPPED)("amtool accepts the configuration of %s", async (file) => {
  expect(await check(configurationFiles(manifestsOf(synthesiseFile(file))))).toMatch(/SUCCESS[\s\S]*4 receivers/);
});

test("amtool accepts what thirty generated sections give, and refuses a receiver that is not there", async () => {
  const sections = fc.sample(alerting, 30).map(filesOf);
  const configurations = Object.fromEntries(sections.map((files, index) => [`/etc/cloudnova/${index}.yml`, files[MAIN] ?? ""]));
  const { [MAIN]: main = "", ...messages } = filesOf({});
  const words = `check-config --enable-feature=utf8-strict-mode ${Object.keys(configurations).join(" ")}`;
  expect((await amtool({ ...messages, ...configurations }, words)).match(/^Checking .* SUCCESS$/gm)).toHaveLength(30);
  const broken = main.replace("receiver: nobody", "receiver: somebody");
  await expect(check({ ...messages, [MAIN]: broken })).rejects.toThrow(/undefined receiver "somebody"/);
});

describe("whom an alert reaches", () => {
  const files = filesOf({ heartbeat: {}, webhook: {}, quiet: [{ from: "22:00", to: "07:00" }] });
  const silent = filesOf({});
  const receiver = async (labels: string, configuration = files) =>
    (await amtool(configuration, `config routes test --config.file=${MAIN} ${labels} 2>/dev/null`)).trim();

  test.each([
    ["alertname=MysqlDown severity=critical", "critical"],
    ["alertname=HighCPUUsage severity=warning instance=node-1", "warning"],
    ["alertname=Deployed severity=info", "info"],
    ["alertname=Watchdog severity=none", "heartbeat"],
    ["alertname=Quiet severity=none", "nobody"],
    ["alertname=OfYourOwn severity=page", "warning"],
    ["alertname=OfYourOwn", "warning"],
  ])("%s → %s", async (labels, expected) => expect(await receiver(labels)).toBe(expected));

  test("without a heartbeat the Watchdog reaches nobody", async () =>
    expect(await receiver("alertname=Watchdog severity=none", silent)).toBe("nobody"));
});
