import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../suite/example-pages.ts";
import { EXAMPLES, type Example } from "../suite/examples.ts";
import type { Stage } from "../suite/stage.ts";
import { expect } from "../suite/wait.ts";

/** The example that has a generated value, and its name. */
const [NAME, KEY] = ["notes", "SECRET_KEY"] as const;
const IN = ["--namespace", `cloudnova-${NAME}`] as const;
/** Requests a second meanwhile. */
const RATE = 10;

/** Asks for an example's page at a fixed rate until `work` is done. @returns every answer's status, or its error */
async function asking(example: Example, work: () => Promise<unknown>): Promise<string[]> {
  const answers: Promise<string>[] = [];
  let done = false;
  const asked = (async () => {
    while (!done) {
      answers.push(request(example).then(({ status }) => String(status), String));
      await sleep(1000 / RATE);
    }
  })();
  await work().finally(() => {
    done = true;
  });
  await asked;
  return Promise.all(answers);
}

/** Gives an application another generated value while its page is asked for. @throws Error when a request is lost, or a pod has the value before */
export async function rotateApplication(stage: Stage): Promise<string> {
  const example = EXAMPLES.find(({ name }) => name === NAME);
  if (!example) throw new Error(`test/e2e/suite/examples.ts has no example ${NAME}`);
  const value = async () =>
    Buffer.from(await stage.kubectl("get", "secret", `${NAME}-secrets`, ...IN, "--output", `jsonpath={.data.${KEY}}`), "base64").toString();
  const before = await value();
  const begun = Date.now();
  const answers = await asking(example, () => stage.must("rotate application", `${NAME}/${KEY}`, "--yes"));
  const seconds = Math.round((Date.now() - begun) / 1000);
  const now = await value();
  expect("whether the value is the one of before", now === before, false);
  const inPod = await stage.kubectl("exec", `deployment/${NAME}`, ...IN, "--container", NAME, "--", "printenv", KEY);
  expect("whether the pod has the new value", inPod.trim() === now, true);
  expect("answers other than 200", [...new Set(answers.filter((one) => one !== "200"))], []);
  return `another ${KEY} for ${NAME}, one replica, after ${seconds} s; 0 of ${answers.length} requests failed`;
}
