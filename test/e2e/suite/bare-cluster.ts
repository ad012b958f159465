import { join } from "node:path";
import { decide, prepare } from "../../../src/cli/deciding.ts";
import type { Stage } from "./stage.ts";

/** Makes the cluster, unless it is there, and brings it the images as `up` does, without a single object of the environment. */
export async function bringImages({ cluster, environment }: Stage): Promise<void> {
  const env = { ...process.env, ...cluster.env };
  const around = { env, stderr: process.stderr, signal: new AbortController().signal, tools: join("build", "tools") };
  const decided = await decide(around, environment.file, { target: "kind", synth: false, doctor: false, verify: false });
  await cluster.limited(() => prepare(around, decided));
}
