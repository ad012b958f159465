import { addressOf } from "../target/place.ts";
import { sshArguments } from "../target/ssh-address.ts";
import type { Session } from "./session.ts";

/** The command that shows a value of a Secret; k3s brings its own kubectl, which finds its kubeconfig. */
export function passwordCommand({ client, io, target }: Session, namespace: string, secret: string, key: string): string {
  const template = `go-template='{{index .data "${key}" | base64decode}}'`;
  const get = ["-n", namespace, "get secret", secret, "-o", template];
  if (target.ssh)
    return `ssh ${sshArguments(target.ssh)} sudo k3s kubectl ${get.join(" ").replace(template, `"${template.replaceAll('"', '\\"')}"`)}`;
  const { kubeconfig, context } = addressOf(target, io.env);
  const own = target.name === "k3s" || !kubeconfig ? [] : ["--kubeconfig", kubeconfig];
  const kubectl = [target.name === "k3s" ? "k3s kubectl" : "kubectl", ...own];
  const place = context && target.name !== "k3s" ? ["--context", client.connection.context] : [];
  return [...kubectl, ...place, ...get].join(" ");
}
