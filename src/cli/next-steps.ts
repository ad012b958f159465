import { lossWith } from "../cluster/backup/warning.ts";
import { originOf } from "../cluster/transport/ingress-client.ts";
import { liveSubject } from "../cluster/verify/live-subject.ts";
import { endpointOf, startPageOf } from "../cluster/verify/own-applications-check.ts";
import type { Config } from "../config/resolve.ts";
import { commands as words } from "../messages/commands.ts";
import { printed } from "../printed.ts";
import { secretNames } from "../secrets.ts";
import { forwardTargets } from "./commands/open.ts";
import { passwordCommand } from "./password-command.ts";
import type { Session } from "./session.ts";

/** The application's addresses: by its name, and by its machine's address, to which the name may not lead yet. */
async function addresses({ client }: Session, config: Config, address: string | undefined): Promise<string[]> {
  const { ingress } = await liveSubject(client, config, [], { address, thorough: false });
  const byName = `${originOf(ingress)}/`;
  const { host, onlyHost } = config.ingress;
  return host === "localhost" || host === ingress.address || onlyHost
    ? [byName]
    : [byName, `${originOf({ ...ingress, host: ingress.address })}/`];
}

/** The addresses of the user's own applications, a line each. */
async function ownAddresses({ client }: Session, config: Config, address: string | undefined): Promise<string[]> {
  if (config.applications.length === 0) return [];
  const { ingress } = await liveSubject(client, config, [], { address, thorough: false });
  return config.applications.map((one) => words.ownApplicationAt(one.name, `${originOf(endpointOf(one, ingress))}${startPageOf(one)}`));
}

/** Addresses and commands that a user needs once everything is up, a line each. @param address where the application is reached, if that was named */
export async function nextSteps(session: Session, address: string | undefined): Promise<string[]> {
  const { config } = await session.environment();
  const names = secretNames(config);
  const password = (secret: string) => passwordCommand(session, config.namespace, secret, "admin-password");
  // On demand, `open` starts it.
  const grafana = config.monitoring.grafana !== false && forwardTargets(config, []).find(({ name }) => name === "grafana");
  const loss = lossWith(config);
  return [
    ...(config.sample ? [words.applicationAt((await addresses(session, config, address)).join("  "))] : []),
    ...(await ownAddresses(session, config, address)),
    ...(config.sample && config.webapp.writeAccess === "login" ? [words.administrator, `  ${password(names.webapp)}`] : []),
    ...(grafana ? [words.grafanaAt(printed("open"), `http://localhost:${grafana.port}/`), `  ${password(names.grafana)}`] : []),
    ...(loss ? [loss] : []),
    words.next(printed("status")),
  ];
}
