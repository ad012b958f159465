import { ClusterError } from "../../cluster/cluster-error.ts";
import { commands as words } from "../../messages/commands.ts";
import { serverScript } from "../../server/script.ts";
import { serverSettings } from "../../server/settings.ts";
import { ENVIRONMENT_OF } from "../../target/names.ts";
import { readEnvironment } from "../choice.ts";
import { interruptible } from "../interrupt.ts";
import { EXIT, type Io } from "../io.ts";

/** `cloudnova server script`: prints the script that makes a server of Ubuntu or Debian ready for an environment of k3s. */
export function serverScriptCommand(io: Io, argument: string | undefined): Promise<number> {
  return interruptible(async () => {
    const environment = await readEnvironment(argument ?? (io.env.CLOUDNOVA_ENV || ENVIRONMENT_OF.k3s), io.stderr);
    const { cluster } = environment.config;
    if (cluster !== "k3s") throw new ClusterError(words.serverNeedsK3s(environment.name, cluster), words.giveEnvironmentOf("k3s"));
    io.stdout.write(serverScript(serverSettings(environment)));
    return EXIT.ok;
  });
}
