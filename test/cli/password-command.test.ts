import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passwordCommand } from "../../src/cli/password-command.ts";
import type { Session } from "../../src/cli/session.ts";
import type { Target } from "../../src/target/names.ts";
import { sshAddress } from "../../src/target/ssh-address.ts";
import { temporaryFolder } from "../temporary.ts";

const session = (target: Target) => ({ target, io: { env: {} }, client: { connection: { context: "my-server" } } }) as unknown as Session;
const TEMPLATE = `go-template={{index .data "admin-password" | base64decode}}`;

/** The words that kubectl gets when the printed command is pasted into a shell. */
function pasted(command: string): string[] {
  const folder = temporaryFolder("password");
  const program = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  // What ssh does with the words after the host: it joins them, and the server's shell reads them.
  program("ssh", 'while [[ $1 != *@* ]]; do shift; done; shift; exec bash -c "$*"');
  program("sudo", 'exec "$@"');
  program("k3s", 'shift; printf "%s\\n" "$@"');
  program("kubectl", 'printf "%s\\n" "$@"');
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  return execFileSync("bash", ["-c", command], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
    .trim()
    .split("\n");
}

test.each<[string, Target, string[]]>([
  ["a server", { name: "ssh", ssh: sshAddress("ubuntu@203.0.113.7:2222") }, []],
  ["this machine's k3s", { name: "k3s" }, []],
  ["a context", { name: "context", context: "my-server" }, ["--context", "my-server"]],
])("the printed command reads the password on %s", (_, target, place) => {
  const words = pasted(passwordCommand(session(target), "cloudnova", "webapp", "admin-password"));
  expect(words).toEqual([...place, "-n", "cloudnova", "get", "secret", "webapp", "-o", TEMPLATE]);
});
