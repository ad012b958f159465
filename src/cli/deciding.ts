import { connect } from "../cluster/connection.ts";
import { ClusterError } from "../cluster/errors.ts";
import type { Environment } from "../config/load.ts";
import { commands as words } from "../messages/commands.ts";
import { lookAround } from "../target/facts.ts";
import { deliverImage } from "../target/image.ts";
import { prepareK3s } from "../target/k3s.ts";
import { prepareKind } from "../target/kind.ts";
import { ENVIRONMENT_OF, isOwn, type Named, namedTarget, type Target } from "../target/names.ts";
import { prepareNode } from "../target/node.ts";
import { addressOf } from "../target/place.ts";
import { type Plan, pickTarget, planUp, type StepName } from "../target/plan.ts";
import type { Surroundings } from "../target/run.ts";
import type { Io } from "./io.ts";
import type { Shown } from "./plan-text.ts";
import { namedEnvironment, readEnvironment, targetOf } from "./session.ts";

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
  readonly plan: Plan;
}

/** Decides what goes where. Nothing is changed. @throws ClusterError in words */
export async function decide(around: Surroundings, argument: string | undefined, options: DecideOptions): Promise<Decided> {
  const asked = namedTarget(options);
  const said = namedEnvironment(argument, around.env, asked);
  const named = asked ?? (said ? ((await targetOf(said)) ?? { name: "context" as const }) : undefined);
  const facts = await lookAround(around);
  const target = named ?? { name: pickTarget(facts).target };
  const chosen = said ?? (isOwn(target.name) ? ENVIRONMENT_OF[target.name] : undefined);
  if (!chosen) throw new ClusterError(words.noEnvironment, words.giveName);
  const environment = await readEnvironment(chosen);
  const without = new Set((["synth", "doctor", "verify"] as const).filter((step) => !options[step]) as StepName[]);
  const plan = planUp({ environment: environment.name, config: environment.config, named, without, facts });
  return { environment, argument: chosen, target, plan };
}

/** The plan with the cluster's address, as far as that is known before there is one. */
export async function shown({ environment, target, plan }: Decided, env: Io["env"]): Promise<Shown> {
  const address = addressOf(target, env);
  // A context that was named must be there; a cluster of this machine may still have to be made.
  const connection = isOwn(target.name) ? await connect(address).catch(() => undefined) : await connect(address);
  return { ...plan, environment: environment.name, context: connection?.context ?? address.context, server: connection?.server };
}

/** What makes each cluster of this machine. */
export async function prepare(around: Surroundings, { target, environment, plan }: Decided): Promise<void> {
  if (target.name === "kind") await prepareKind(around, environment.config);
  const { autoscaling } = environment.config.webapp;
  if (target.name === "k3s") await prepareK3s(around, addressOf(target, around.env).kubeconfig ?? "", autoscaling !== undefined);
  if (target.name === "node") await prepareNode(around, environment.config);
  const { delivery } = plan;
  if ("builder" in delivery) await deliverImage(around, delivery.by, delivery.builder, environment.config.images.webapp);
}
