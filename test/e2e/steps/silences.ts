import type { Stage } from "../suite/stage.ts";
import { expect } from "../suite/wait.ts";

const COMMENT = "set before the backup";
/** It silences nothing that exists. */
const MATCHERS = [{ name: "alertname", value: "OfTheBackupStep", isRegex: false, isEqual: true }];

/** Asks Alertmanager from its node, which every policy lets in. */
async function ask(stage: Stage, method: string, path: string, body = ""): Promise<string> {
  const pod = ["get", "pod", "alertmanager-0", "--namespace", "cloudnova", "--output", "jsonpath={.status.podIP}"];
  const url = `http://${await stage.kubectl(...pod)}:9093/api/v2/${path}`;
  const sent = body ? "--header 'Content-Type: application/json' --data @-" : "";
  return stage.inNode(`curl --silent --show-error --fail-with-body --request ${method} ${sent} ${url}`, body);
}

/** Comments of Alertmanager's active silences. */
async function active(stage: Stage): Promise<string[]> {
  const all: { status: { state: string }; comment: string }[] = JSON.parse(await ask(stage, "GET", "silences"));
  return all.filter(({ status }) => status.state === "active").map(({ comment }) => comment);
}

/** Sets a silence for an hour. @returns its id */
export async function setSilence(stage: Stage): Promise<string> {
  const [startsAt, endsAt] = [0, 3600].map((seconds) => new Date(Date.now() + seconds * 1000).toISOString());
  const silence = { matchers: MATCHERS, startsAt, endsAt, createdBy: "e2e", comment: COMMENT };
  return JSON.parse(await ask(stage, "POST", "silences", JSON.stringify(silence))).silenceID;
}

/** Ends it. @throws Error when it is active all the same */
export async function endSilence(stage: Stage, id: string): Promise<void> {
  await ask(stage, "DELETE", `silence/${id}`);
  expect("active silences after its end", await active(stage), []);
}

/** Checks that it is active again. */
export async function isSilenced(stage: Stage): Promise<string> {
  expect("active silences after the restore", await active(stage), [COMMENT]);
  return "its silence is active again";
}
