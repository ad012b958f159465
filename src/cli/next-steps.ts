import { originOf } from "../cluster/transport/ingress-client.ts";
import { liveSubject } from "../cluster/verify/live-subject.ts";
import type { Config } from "../config/resolve.ts";
import { commands as words } from "../messages/commands.ts";
import { printed } from "../printed.ts";
import { secretNames } from "../secrets.ts";
import type { Target } from "../target/names.ts";
import { addressOf } from "../target/place.ts";
import { forwardTargets } from "./commands/open.ts";
import type { Session } from "./session.ts";

/** The application's addresses: by its name, and by its machine's address, to which the name may not lead yet. */
async function addresses({ client }: Session, config: Config, address: string | undefined): Promise<string[]> {
  const { ingress } = await liveSubject(client, config, [], { address, thorough: false });
  const byName = `${originOf(ingress)}/`;
  const { host, onlyHost } = config.ingress;
  return host === "localhost" || onlyHost ? [byName] : [byName, `${originOf({ ...ingress, host: ingress.address })}/`];
}

/** The command that shows a password; k3s brings its own kubectl, which finds its kubeconfig. */
function passwordCommand({ client, io }: Session, target: Target, namespace: string, secret: string): string {
  const { kubeconfig, context } = addressOf(target, io.env);
  const own = target.name === "k3s" || !kubeconfig ? [] : ["--kubeconfig", kubeconfig];
  const kubectl = [target.name === "k3s" ? "k3s kubectl" : "kubectl", ...own];
  const place = context && target.name !== "k3s" ? ["--context", client.connection.context] : [];
  const template = `go-template='{{index .data "admin-password" | base64decode}}'`;
  return [...kubectl, ...place, "-n", namespace, "get secret", secret, "-o", template].join(" ");
}

/** What a person needs once everything is up, a line each. @param address where the application is reached, if that was named */
export async function nextSteps(session: Session, target: Target, address: string | undefined): Promise<string[]> {
  const { config } = await session.environment();
  const names = secretNames(config);
  const password = (secret: string) => passwordCommand(session, target, config.namespace, secret);
  // On demand, `open` starts it.
  const grafana = config.monitoring.grafana !== false && forwardTargets(config, []).find(({ name }) => name === "grafana");
  return [
    words.applicationAt((await addresses(session, config, address)).join("  ")),
    ...(config.webapp.writeAccess === "login" ? [words.administrator, `  ${password(names.webapp)}`] : []),
    ...(grafana ? [words.grafanaAt(printed("open"), `http://localhost:${grafana.port}/`), `  ${password(names.grafana)}`] : []),
    words.next(printed("status")),
  ];
}
