import { setTimeout as sleep } from "node:timers/promises";
import { IMAGES } from "../../../src/versions.ts";
import { allGreen, kinds, withoutLoss } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { VERSIONS } from "../suite/versions.ts";
import { expect, until } from "../suite/wait.ts";

/** The new version's share of the requests, in %, and how long it is watched, s. */
const [WEIGHT, GATE_S] = [20, 45];
const SETTINGS = ["--weight", String(WEIGHT), "--seconds", String(GATE_S), "--output", "json"];

interface Figures {
  readonly requests: number;
  readonly errors: number;
  readonly p95?: number;
}
interface Report {
  readonly outcome: string;
  readonly reasons?: readonly string[];
  readonly seen?: { readonly canary: Figures; readonly stable: Figures };
  readonly seconds?: number;
  readonly synthetic?: number;
}

const IN = ["--namespace", "cloudnova"] as const;

/** Releases what the manifests say. @throws Error when the command does not end with this outcome */
async function release(stage: Stage, outcome: "promoted" | "undone" | "nothing", ...more: readonly string[]): Promise<Report> {
  const { status, stdout, stderr } = await stage.cloudnova("release", ...SETTINGS, ...more);
  if (!stdout.startsWith("{")) throw new Error(`release ended with ${status}: ${stdout}${stderr}`);
  const report: Report = JSON.parse(stdout);
  if (report.outcome !== outcome) throw new Error(`release: ${stdout}${stderr}`);
  expect("its exit code", status, outcome === "undone" ? 1 : 0);
  return report;
}

const told = ({ reasons = [], seen, seconds }: Report): string =>
  [
    ...reasons,
    ...(seen
      ? [`${seen.canary.requests} requests of ${seen.canary.requests + seen.stable.requests} by the new version in ${seconds} s`]
      : []),
  ].join("; ");

/** What a release leaves of itself. @throws Error when it is anything */
async function nothingLeft(stage: Stage): Promise<void> {
  const left = await stage.kubectl(
    "get",
    "deployment,service,ingress,configmap,pod",
    "--all-namespaces",
    "--selector=app.kubernetes.io/managed-by=cloudnova-release",
    "--output=name",
  );
  expect("what is left of the release", left.trim(), "");
  expect("its file", await stage.kubectl("get", "configmap", "traefik", ...IN, "--output=jsonpath={.data.cloudnova-release\\.yaml}"), "");
}

/** A step that makes a version, and takes the manifests back at its end; pods of the running version must be those from before. */
const undone = (version: Exclude<keyof typeof VERSIONS, "good">, reason: RegExp, more: Partial<Step> = {}): Step => ({
  name: `release: a version that is ${version}`,
  expects:
    "it is undone by itself, with the reason; the running version's pods stay; only the new version's share of the requests may fail",
  run: async (stage) => {
    const before = await stage.pods();
    const tally = stage.load.tally();
    VERSIONS[version](stage);
    const report = await release(stage, "undone", "--timeout", "90");
    if (!report.reasons?.some((one) => reason.test(one))) throw new Error(`no reason like ${reason}: ${report.reasons?.join("; ")}`);
    await stage.load.settled();
    const { sent, failed } = stage.load.since(tally);
    const most = version === "failing" ? Math.ceil((sent * WEIGHT) / 100) : 0;
    if (failed.length > most) throw new Error(`${failed.length} of ${sent} requests failed, at most ${most} may: ${kinds(failed)}`);
    await nothingLeft(stage);
    expect("pods", changes(before, await stage.pods()), []);
    await stage.environment.write();
    return `${told(report)}; ${failed.length} of ${sent} requests failed meanwhile, at most ${most} may`;
  },
  ...more,
});

/** Waits until the new version's pod gets requests. */
async function sharing(stage: Stage, name = "webapp", namespace = "cloudnova"): Promise<void> {
  await until("the new version is ready", 120, async () => {
    const selector = await stage.kubectl(
      "get",
      "service",
      `${name}-canary`,
      "--namespace",
      namespace,
      "--output=jsonpath={.spec.selector}",
    );
    return selector.includes("canary") || undefined;
  });
}

const GOOD: Step = {
  name: "release: a good version",
  expects: "it gets its share, is promoted by itself, and every pod has it; no request is lost",
  full: true,
  run: async (stage) => {
    const before = await stage.pods();
    const own = before.filter(({ component }) => component === "webapp").length;
    const saw = await withoutLoss(stage, async () => {
      VERSIONS.good(stage);
      const report = await release(stage, "promoted");
      const { canary, stable } = report.seen ?? { canary: { requests: 0 }, stable: { requests: 0 } };
      const share = (100 * canary.requests) / (canary.requests + stable.requests);
      if (Math.abs(share - WEIGHT) > WEIGHT / 4) throw new Error(`the new version got ${share.toFixed(1)} % of the requests`);
      await nothingLeft(stage);
      expect("pods", changes(before, await stage.pods()), [`webapp: ${own} new, ${own} gone`]);
      return `${told(report)}, ${share.toFixed(1)} %`;
    });
    await stage.environment.write();
    await stage.must("apply", "--wait");
    return `${saw}; ${await allGreen(stage)}`;
  },
};

const NO_FIGURES: Step = {
  name: "release: Prometheus goes away",
  expects: "nothing is promoted without figures: it is undone, and says so; no request is lost",
  full: true,
  restarts: ["prometheus"],
  run: async (stage) => {
    const scale = (replicas: number) => stage.kubectl("scale", "statefulset/prometheus", `--replicas=${replicas}`, ...IN);
    const saw = await withoutLoss(stage, async () => {
      VERSIONS.good(stage);
      const ended = release(stage, "undone", "--seconds", "300");
      ended.catch(() => undefined);
      await sharing(stage);
      await scale(0);
      const report = await ended.finally(() => scale(1));
      if (!report.reasons?.some((one) => /Prometheus has given no figures/.test(one))) throw new Error(report.reasons?.join("; "));
      await nothingLeft(stage);
      return told(report);
    });
    await stage.environment.write();
    await stage.must("apply", "--wait");
    return `${saw}; ${await allGreen(stage)}`;
  },
};

const KILLED: Step = {
  name: "release: killed halfway",
  expects: "`status` tells, apply refuses, and the next release undoes it; no request is lost",
  full: true,
  run: (stage) =>
    withoutLoss(stage, async () => {
      const before = await stage.pods();
      VERSIONS.good(stage);
      const child = stage.start("release", ...SETTINGS, "--seconds", "600");
      await sharing(stage);
      await sleep(3000);
      child.kill("SIGKILL");
      await stage.environment.write();
      const { release: underway } = JSON.parse((await stage.cloudnova("status", "--output", "json")).stdout);
      expect("what status tells", [underway?.application, underway?.phase], ["webapp", "canary"]);
      const { status, stderr } = await stage.cloudnova("apply");
      if (status !== 1 || !stderr.includes("a release of webapp is in progress")) throw new Error(`apply ended with ${status}: ${stderr}`);
      await release(stage, "nothing");
      await nothingLeft(stage);
      expect("pods", changes(before, await stage.pods()), []);
      return "status told, apply refused, the next release undid it";
    }),
};

const QUIET = "quiet";
/** A web server that is in the sample's image: nothing has to be built. */
const quiet = (version: string) => ({
  image: IMAGES.webapp,
  command: ["python", "-m", "http.server", "8080", "--directory", "/app"],
  port: 8080,
  user: 10_001,
  database: false,
  env: { VERSION: version },
  resources: { memory: "32Mi", memoryLimit: "96Mi" },
  ingress: { path: "/quiet", stripPath: true },
});

const UNVISITED: Step = {
  name: "release: an application that nobody visits",
  expects: "requests of the release's own judge it, and the report names them; Ctrl-C undoes the next one",
  full: true,
  run: async (stage) => {
    const version = (text: string) => stage.environment.set(["applications", QUIET], quiet(text));
    await version("1");
    await stage.must("apply", "--wait");
    await until(
      "Prometheus reads what it is to store of the application",
      180,
      async () => ((await stage.prometheus("status/config")) as { yaml: string }).yaml.includes(`cloudnova-release-${QUIET}`) || undefined,
    );
    await version("2");
    const report = await release(stage, "promoted", "--weight", "50", "--seconds", "20", "--least", "20");
    if (!report.synthetic) throw new Error(`no request of its own: ${JSON.stringify(report)}`);
    await version("3");
    const child = stage.start("release", "--seconds", "600");
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await sharing(stage, QUIET, `cloudnova-${QUIET}`);
    child.kill("SIGINT");
    const code = await ended;
    await nothingLeft(stage);
    const running = await stage.kubectl("get", "deployment", QUIET, "--namespace", `cloudnova-${QUIET}`, "--output", "json");
    expect("the version that runs", /"name":\s*"VERSION",\s*"value":\s*"(\d)"/.exec(running)?.[1], "2");
    await stage.environment.unset(["applications", QUIET]);
    await stage.must("apply", "--wait");
    return `${report.synthetic} requests of its own, ${told(report)}; Ctrl-C ended the next one with ${code}`;
  },
};

/** Of the usual suite only the first. */
export const RELEASES: readonly Step[] = [
  undone("failing", /answers are errors of the server/),
  undone("slow", /slower than the objective|95 % of the answers/, { full: true }),
  undone("absent", /cloudnova-webapp-nowhere/, { full: true }),
  undone("unmigrated", /migrat/, { full: true }),
  GOOD,
  NO_FIGURES,
  KILLED,
  UNVISITED,
];
