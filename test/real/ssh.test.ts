import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { ClusterError } from "../../src/cluster/cluster-error.ts";
import { Client } from "../../src/cluster/transport/client.ts";
import { connect } from "../../src/cluster/transport/connection.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { ownBuild } from "../../src/target/build.ts";
import { deliverImage } from "../../src/target/image.ts";
import { reach } from "../../src/target/place.ts";
import type { Surroundings } from "../../src/target/process.ts";
import { closeRemotes, openRemote } from "../../src/target/ssh.ts";
import { selfSigned } from "../certificate.ts";
import { temporaryFolder } from "../temporary.ts";

// OpenSSH's client and server. The server runs for one connection, on the client's pipe (sshd -i) and in namespaces of its own: no port of
// this machine is taken. k3s is made up, and a small HTTPS server has the place of its API server.
const HOST = "server.test";
let folder: string;
const at = (name: string) => join(folder, name);
const keygen = (name: string) => execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);

const K3S = (state: string) => `#!/bin/bash
echo "$*" >> ${state}/calls
case "$*" in
  "kubectl get --raw /readyz") echo ok ;;
  "ctr images import -") cat > ${state}/imported; echo "unpacking" ;;
  "ctr images label "*) touch ${state}/pinned ;;
  "crictl inspecti "*) [ -e ${state}/imported ] || { echo "no such image" >&2; exit 1; }; cat ${state}/inspected ;;
esac
`;

beforeAll(() => {
  folder = temporaryFolder("ssh");
  for (const name of ["bin", "client", "etc", "work", "state"]) mkdirSync(at(name));
  for (const name of ["host", "other-host", "user", "other-user"]) keygen(name);
  writeFileSync(at("authorized"), readFileSync(at("user.pub")));
  const known = (name: string, key: string) => writeFileSync(at(name), `${HOST} ${readFileSync(at(`${key}.pub`), "utf8")}`);
  known("known", "host");
  known("known-other", "other-host");
  writeFileSync(at("known-none"), "");
  writeFileSync(
    at("sshd_config"),
    `HostKey ${at("host")}
AuthorizedKeysFile ${at("authorized")}
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv PATH=${at("bin")}:/usr/bin:/bin
`,
  );
  const { key, cert } = selfSigned("IP:127.0.0.1");
  writeFileSync(at("key.pem"), key);
  writeFileSync(at("cert.pem"), cert);
  writeFileSync(
    at("api.mjs"),
    `import { readFileSync } from "node:fs"; import { createServer } from "node:https";
const read = (name) => readFileSync(${JSON.stringify(`${folder}/`)} + name);
createServer({ key: read("key.pem"), cert: read("cert.pem") }, (request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ path: request.url, authorization: request.headers.authorization }));
}).listen(6443, "127.0.0.1", () => console.log("listens"));
`,
  );
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "default",
        cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": Buffer.from(cert).toString("base64") },
      },
    ],
    users: [{ name: "default", user: { token: "secret" } }],
    contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
    "current-context": "default",
  };
  mkdirSync(at("etc/rancher/k3s"), { recursive: true });
  writeFileSync(at("etc/rancher/k3s/k3s.yaml"), JSON.stringify(kubeconfig));
  writeFileSync(at("bin/k3s"), K3S(at("state")));
  // The server: /etc with k3s' files, a loopback interface of its own, and what listens on it.
  writeFileSync(
    at("server.sh"),
    `mount -t overlay overlay -o lowerdir=/etc,upperdir=${at("etc")},workdir=${at("work")} /etc
ip link set lo up
mkdir -p /run/sshd
exec 3>&1 4<&0
coproc ${process.execPath} ${at("api.mjs")} 2>/dev/null 3>&- 4<&-
read -r _ <&"\${COPROC[0]}"
/usr/sbin/sshd -i -f ${at("sshd_config")} <&4 >&3 3>&- 4<&- 2>>${at("sshd.log")}
kill $COPROC_PID
`,
  );
  writeFileSync(at("client/docker"), "#!/bin/bash\ncase $1 in save) echo archive > $3 ;; image) echo '[]' ;; esac\n");
  for (const name of ["bin/k3s", "client/docker"]) chmodSync(at(name), 0o755);
});
afterEach(() => closeRemotes());

/** A laptop: its known hosts and its key. */
function around({ known = "known", user = "user" } = {}): Surroundings & { readonly stop: AbortController } {
  const stop = new AbortController();
  writeFileSync(
    at("ssh_config"),
    `Host *
  ProxyCommand unshare --mount --net --pid --fork --kill-child bash ${at("server.sh")}
  IdentityFile ${at(user)}
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  UserKnownHostsFile ${at(known)}
  GlobalKnownHostsFile /dev/null
`,
  );
  writeFileSync(at("client/ssh"), `#!/bin/bash\nexec /usr/bin/ssh -F ${at("ssh_config")} "$@"\n`);
  chmodSync(at("client/ssh"), 0o755);
  return { env: { PATH: `${at("client")}:/usr/sbin:/usr/bin:/sbin:/bin` }, stderr: new PassThrough(), signal: stop.signal, stop };
}
const address = { destination: `${userInfo().username}@${HOST}`, options: [] };
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "nothing failed",
    (error: ClusterError) => `${error.message} → ${error.advice}`,
  );

test("an image is brought, and the API server is asked, through one connection", async () => {
  const here = around();
  const remote = await openRemote(here, address);
  expect(remote).toMatchObject({ host: HOST });
  writeFileSync(at("state/inspected"), JSON.stringify({ status: { id: `sha256:${"1".repeat(64)}` } }));
  const { config } = loadEnvironment("environments/k3s-ec2.yaml");
  const build = ownBuild("webapp", config.images.webapp);
  const digests = await deliverImage(here, config, build, { to: "ssh", builder: "docker", engine: "docker", remote });
  expect(digests).toEqual([`sha256:${"1".repeat(64)}`]);
  expect(readFileSync(at("state/imported"), "utf8")).toBe("archive\n");
  expect(existsSync(at("state/pinned"))).toBe(true);

  const connection = await connect(await reach(here, { name: "ssh", ssh: address }));
  expect({ context: connection.context, ingress: connection.ingress }).toEqual({ context: address.destination, ingress: HOST });
  const client = new Client(connection, here.signal);
  const answer = await client.send({ path: "/version" });
  client.close();
  expect(answer).toMatchObject({ status: 200, body: { path: "/version", authorization: "Bearer secret" } });
  expect(readFileSync(at("sshd.log"), "utf8").match(/fatal|error/i)).toBeNull();
});

test("an archive of 64 MiB arrives whole", async () => {
  const here = around();
  writeFileSync(
    at("client/docker"),
    `#!/bin/bash\ncase $1 in save) head -c 67108864 /dev/urandom > $3; cp $3 ${at("sent")} ;; image) echo '[]' ;; esac\n`,
  );
  const { config } = loadEnvironment("environments/k3s-ec2.yaml");
  await deliverImage(here, config, ownBuild("webapp", "cloudnova-webapp:2.0.0"), {
    to: "ssh",
    builder: "docker",
    engine: "docker",
    remote: await openRemote(here, address),
  });
  expect(readFileSync(at("state/imported")).equals(readFileSync(at("sent")))).toBe(true);
});

test.each<[string, Parameters<typeof around>[0], RegExp]>([
  ["another host key", { known: "known-other" }, /shows another host key than the one in your known_hosts → .*ssh-keygen -R server\.test/],
  ["an unknown host key", { known: "known-none" }, /the server's host key is not known here → connect once by hand/],
  ["a key that the server does not know", { user: "other-user" }, /does not accept this user or key → check the user/],
])("%s is refused", async (_, laptop, words) => {
  expect(await failure(openRemote(around(laptop), address))).toMatch(words);
});

test("a port that is closed is refused", async () => {
  const here = around();
  writeFileSync(at("ssh_config"), "Host *\n  BatchMode yes\n");
  expect(await failure(openRemote(here, { destination: "root@127.0.0.1", options: ["-p", "1"] }))).toMatch(
    /connection refused → check that the server has started/,
  );
});

test("nothing is left behind when the program ends", async () => {
  await openRemote(around(), address);
  closeRemotes();
  const left = () =>
    execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes(folder) && !line.includes("jest"));
  for (let tries = 0; tries < 50 && left().length > 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(left()).toEqual([]);
});
