import { connect } from "../cluster/connection.ts";
import type { Environment } from "../config/load.ts";
import { lookAround } from "../target/facts.ts";
import { deliverImage } from "../target/image.ts";
import { prepareK3s } from "../target/k3s.ts";
import { prepareKind } from "../target/kind.ts";
import { isMadeHere, isThere, rememberMade } from "../target/made.ts";
import { isOwn, type Named, type Target } from "../target/names.ts";
import { addressOf } from "../target/place.ts";
import { type Plan, pickTarget, planUp, type StepName } from "../target/plan.ts";
import type { Surroundings } from "../target/run.ts";
import { choose, readEnvironment } from "./choice.ts";
import type { Io } from "./io.ts";
import type { Shown } from "./plan-text.ts";

/** What of `up`'s options decides the plan. */
interface DecideOptions extends Named {
  readonly synth: boolean;
  readonly doctor: boolean;
  readonly verify: boolean;
}

/** What was decided before anything is done. */
export interface Decided {
  readonly environment: Environment;
  readonly argument: string;
  readonly target: Target;
  /** Whether it is a cluster of this machine that was there before. */
  readonly existed: boolean;
  readonly plan: Plan;
}

/** Decides what goes where. Nothing is changed. @throws ClusterError in words */
export async function decide(around: Surroundings, argument: string | undefined, options: DecideOptions): Promise<Decided> {
  const facts = await lookAround(around);
  const choice = await choose(around, argument, options, { pick: async () => pickTarget(facts).target });
  const { environment: chosen, target, named } = choice;
  const environment = await readEnvironment(chosen);
  const without = new Set((["synth", "doctor", "verify"] as const).filter((step) => !options[step]) as StepName[]);
  const existed = isOwn(target.name) && isThere(target.name, facts);
  const foreign = !named && existed && !(await isMadeHere(target, around.env)) ? await addressIn(target, around.env) : undefined;
  const plan = planUp({
    environment: environment.name,
    config: environment.config,
    named: named ? target : undefined,
    foreign,
    without,
    facts,
  });
  return { environment, argument: chosen, target, existed, plan };
}

/** Context and server of a target, as far as they are known before there is a cluster. @throws ClusterError for a context that is not there */
async function addressIn(target: Target, env: Io["env"]): Promise<{ readonly context: string; readonly server?: string }> {
  const address = addressOf(target, env);
  const connection = isOwn(target.name) ? await connect(address).catch(() => undefined) : await connect(address);
  return { context: connection?.context ?? address.context ?? "", server: connection?.server };
}

/** The plan with the cluster's address, as far as that is known before there is one. */
export const shown = async ({ environment, target, plan }: Decided, env: Io["env"]): Promise<Shown> => ({
  ...plan,
  environment: environment.name,
  ...(await addressIn(target, env)),
});

/** Makes or starts a cluster of this machine, and brings it the image. */
export async function prepare(around: Surroundings, { target, environment, existed, plan }: Decided): Promise<void> {
  if (target.name === "kind") await prepareKind(around, environment.config);
  const { autoscaling } = environment.config.webapp;
  if (target.name === "k3s") await prepareK3s(around, addressOf(target, around.env).kubeconfig ?? "", autoscaling !== undefined);
  if (isOwn(target.name) && !existed) await rememberMade(target, around.env);
  const { delivery } = plan;
  if ("builder" in delivery) await deliverImage(around, delivery.by, delivery.builder, environment.config.images.webapp);
}
