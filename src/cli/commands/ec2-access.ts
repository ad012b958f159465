import { spawn } from "node:child_process";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { kubeconfigFile, routeTo, runOn, writeContext } from "../../ec2/connection.ts";
import { allow, forget, type Owner, ownerOf, ownerParameters, ownersIn, publicRange } from "../../ec2/owners.ts";
import { settle, untilIdle, updateParameters } from "../../ec2/stack.ts";
import { findMachine, noStack } from "../../ec2/subject.ts";
import { ec2 as say } from "../../messages/ec2.ts";
import type { SshAddress } from "../../target/ssh-address.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type Ec2Options, type Ec2Session, inEc2, ownerLines } from "./ec2.ts";
import { type Ec2UpOptions, thisComputer } from "./ec2-up.ts";

export interface AllowOptions extends Ec2Options, Pick<Ec2UpOptions, "address" | "service"> {
  /** Addresses of other computers or networks that are allowed too. */
  readonly also?: readonly string[];
  /** Names of owners that are removed. */
  readonly forget?: readonly string[];
}

/** The owners that the options ask for. */
async function wanted({ subject, signal }: Ec2Session, present: readonly Owner[], options: AllowOptions): Promise<Owner[]> {
  const mine = await thisComputer(subject, options, signal);
  const others = (options.also ?? []).map((text) => {
    const range = publicRange(text);
    return ownerOf(range.range, [range]);
  });
  return allow((options.forget ?? []).reduce(forget, present), [mine, ...others]);
}

/** `cloudnova ec2 allow-my-ip`: this computer's new address takes the place of its old one. */
export const ec2AllowCommand = (io: Io, name: string | undefined, options: AllowOptions): Promise<number> =>
  inEc2(io, name, async (session) => {
    const { aws, subject, report } = session;
    const stack = await untilIdle(aws, subject.stack, report);
    if (!stack) throw noStack(aws, subject.stack);
    const owners = await wanted(session, ownersIn(stack.parameters), options);
    const since = new Date();
    const changed = await updateParameters(aws, stack, ownerParameters(owners));
    if (changed) await settle(aws, stack, since, report);
    if (options.output === "json") json(io, { stack: subject.stack, changed, owners });
    else for (const text of [changed ? say.ownersChanged : say.ownersUnchanged, ...ownerLines(owners)]) line(io.stdout, text);
    return EXIT.ok;
  });

/** ssh's way to the environment's machine. */
async function route({ aws, subject, io }: Ec2Session): Promise<{ readonly way: SshAddress; readonly address: string }> {
  const { machine } = await findMachine(aws, subject);
  return { way: routeTo(machine, subject.stack, subject.ec2, io), address: machine.address ?? "" };
}

/** `cloudnova ec2 ssh`: a shell on the machine, or one command. Ends with ssh's exit code. */
export const ec2SshCommand = (io: Io, name: string | undefined, command: readonly string[]): Promise<number> =>
  inEc2(io, name, async (session) => {
    const { way } = await route(session);
    const child = spawn("ssh", [...way.options, way.destination, ...command], { stdio: "inherit", env: io.env as NodeJS.ProcessEnv });
    return new Promise((resolve, reject) => {
      child.once("error", () => reject(new ClusterError(say.noProgram("ssh"), say.getSsh)));
      child.once("close", (code) => {
        if (code === 255) line(io.stderr, `  → ${say.sshAdvice}`);
        resolve(code ?? EXIT.problem);
      });
    });
  });

export interface KubeconfigOptions extends Ec2Options {
  readonly kubeconfig?: string;
}

/** `cloudnova ec2 kubeconfig`: a context of this computer that leads to the machine's k3s. */
export const ec2KubeconfigCommand = (io: Io, name: string | undefined, options: KubeconfigOptions): Promise<number> =>
  inEc2(io, name, async (session) => {
    const { subject, signal } = session;
    const { way, address } = await route(session);
    if (!address) throw new ClusterError(say.noPublicAddress, say.noPublicAddressAdvice);
    // Nothing is written to standard error meanwhile: the file holds the cluster administrator's key. `|| true`: where k3s is not ready
    // there is no file, and writeContext says so by its empty text; a connection that fails still ends ssh with 255.
    const k3s = await runOn({ env: io.env, stderr: io.stderr, signal }, way, "sudo cat /etc/rancher/k3s/k3s.yaml || true");
    const file = options.kubeconfig ?? kubeconfigFile(io.env);
    writeContext(file, k3s, subject.stack, address);
    if (options.output === "json") json(io, { context: subject.stack, file, server: `https://${address}:6443` });
    else for (const text of [say.wroteContext(subject.stack, file), `  ${say.useContext(subject.stack)}`]) line(io.stdout, text);
    return EXIT.ok;
  });
