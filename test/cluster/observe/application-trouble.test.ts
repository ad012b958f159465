import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { entryOf, listeningIn } from "../../../src/cluster/observe/application-trouble.ts";
import { controllerTrouble, type Observed, troubles } from "../../../src/cluster/observe/trouble.ts";
import { labels } from "../../../src/labels.ts";
import { setLocale } from "../../../src/language.ts";

// An application of the user's, "shop", as a kubelet of 1.34 reports its pod; its output is what the named servers write.
const shop = (state: object, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "shop-5d5c7-x2x4z",
    namespace: "cloudnova-shop",
    uid: "u1",
    labels: labels({ name: "shop", component: "application" }),
  },
  status: {
    phase: "Running",
    containerStatuses: [{ name: "shop", image: "cloudnova.local/shop:1", ready: false, restartCount: 0, state, ...more }],
  },
});
const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const event = (reason: string, message: string, second = 1): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: reason },
    reason,
    message,
    lastTimestamp: `2026-01-01T00:00:0${second}Z`,
    involvedObject: { fieldPath: "spec.containers{shop}" },
  }) as unknown as KubeObject;
const words = (observed: Omit<Observed, "events"> & { events?: readonly KubeObject[] }) =>
  troubles({ events: [], ...observed }).map(({ what, advice }) => `${what} → ${advice}`);
const crashed = (exitCode: number, more: object = {}) =>
  shop({ waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 3, lastState: { terminated: { exitCode, reason: "Error" } }, ...more });

const REFUSED = "Startup probe failed: dial tcp 10.244.0.7:5000: connect: connection refused";
const FLASK = (where: string) =>
  ` * Serving Flask app 'app'\n * Debug mode: off\nWARNING: This is a development server.\n${where}\nPress CTRL+C to quit\n`;

test("only an application of the user's has an entry: neither the sample nor MySQL", () => {
  expect(entryOf(shop(running))).toEqual({ name: "shop", key: "applications.shop" });
  const sample = {
    ...shop(running),
    metadata: { name: "webapp-1", namespace: "cloudnova", labels: labels({ name: "webapp", component: "application" }) },
  };
  expect(entryOf(sample)).toBeUndefined();
  const mysql = { ...sample, metadata: { ...sample.metadata, labels: labels({ name: "mysql", component: "database" }) } };
  expect(entryOf(mysql)).toBeUndefined();
});

test.each([
  [FLASK(" * Running on http://127.0.0.1:5000"), { port: "5000", loopback: "127.0.0.1:5000", tls: false }],
  [
    FLASK(" * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:5000\n * Running on http://10.244.0.7:5000"),
    { port: "5000", tls: false },
  ],
  [FLASK(" * Running on https://127.0.0.1:5000"), { port: "5000", loopback: "127.0.0.1:5000", tls: true }],
  [
    "[2026-01-01 00:00:00 +0000] [1] [INFO] Listening at: http://127.0.0.1:8000 (1)",
    { port: "8000", loopback: "127.0.0.1:8000", tls: false },
  ],
  ["INFO:     Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)", { port: "8080", tls: false }],
  ["Starting development server at http://127.0.0.1:8000/", { port: "8000", loopback: "127.0.0.1:8000", tls: false }],
  ["Server listening on port 3000", { port: "3000", tls: false }],
  ["connected to the database", undefined],
])("where it listens, by its output: %j", (log, found) => expect(listeningIn(log)).toEqual(found));

describe("a port where nobody listens", () => {
  test.each([
    [
      "",
      /^nothing listens on port 5000 of shop → if it listens on another port, write applications\.shop\.port; if it needs longer to start, write applications\.shop\.health\.startSeconds .*logs.*--component shop/,
    ],
    [
      FLASK(" * Running on http://127.0.0.1:5000"),
      /^shop listens only on 127\.0\.0\.1:5000, .* → make it listen on 0\.0\.0\.0 .*applications\.shop\.args/,
    ],
    [
      "[1] [INFO] Listening at: http://0.0.0.0:8000 (1)",
      /^shop listens on port 8000, but its entry says port 5000, where nothing listens → write applications\.shop\.port: 8000$/,
    ],
    [
      FLASK(" * Running on all addresses (0.0.0.0)\n * Running on https://127.0.0.1:5000"),
      /^shop uses TLS itself on its port → make it use plain HTTP/,
    ],
  ])("its output: %j", (log, text) => {
    expect(words({ pod: shop(running), events: [event("Unhealthy", REFUSED)], logs: { shop: log } })).toEqual([
      expect.stringMatching(text),
    ]);
  });

  test("is still told when Kubernetes has stopped it for that: the exit code says nothing", () => {
    const killed = event("Killing", "Container shop failed startup probe, will be restarted", 2);
    const log = "[1] [INFO] Listening at: http://0.0.0.0:8000 (1)";
    for (const exitCode of [0, 137, 143])
      expect(words({ pod: crashed(exitCode), events: [event("Unhealthy", REFUSED), killed], logs: { shop: log } })).toEqual([
        "shop listens on port 8000, but its entry says port 5000, where nothing listens; Kubernetes restarted it 3 times for this → write applications.shop.port: 8000",
      ]);
  });

  test("a crash of its own after a failed probe stays a crash", () =>
    expect(words({ pod: crashed(1), events: [event("Unhealthy", REFUSED)], logs: { shop: "boom" } })[0]).toMatch(
      /^container shop crashed \(exit code 1, 3 times\)/,
    ));
});

test.each([
  [
    "Readiness probe failed: HTTP probe failed with statuscode: 404",
    /^shop answers its health check with status 404 → write in applications\.shop\.health\.path a path/,
  ],
  [
    'Startup probe failed: Get "http://10.244.0.7:5000/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    /^shop did not answer .* in time → .*applications\.shop\.health\.startSeconds/,
  ],
  [
    'Startup probe failed: Get "http://10.244.0.7:5000/": net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02\\x16"',
    /^shop uses TLS itself on its port → make it use plain HTTP/,
  ],
])("a health check that fails: %s", (message, text) =>
  expect(words({ pod: shop(running), events: [event("Unhealthy", message)] })).toEqual([expect.stringMatching(text)]),
);

test("a command that ends without an error is not a server", () => {
  expect(words({ pod: crashed(0) })).toEqual([
    "shop ended by itself without an error (exit code 0, 3 times) → its command must start the server and keep running in the foreground: correct its Dockerfile's CMD, or write applications.shop.args",
  ]);
});

/** What an application writes before it ends, and what is told: the last line of each is the one that matters. */
const OUTPUT: readonly (readonly [log: string, told: RegExp])[] = [
  [
    "    os.makedirs('uploads')\nOSError: [Errno 30] Read-only file system: '/app/uploads'",
    /^shop wrote to \/app\/uploads, which is read-only[^→]*→ write applications\.shop\.writable: \[\/tmp, \/app\/uploads\] /,
  ],
  ["OSError: [Errno 30] Read-only file system: '/app/logs/app.log'", /writable: \[\/tmp, \/app\/logs\] /],
  ["Error: EROFS: read-only file system, open '/app/cache/x.json'", /writable: \[\/tmp, \/app\/cache\] /],
  [
    "mkdir: cannot create directory '/var/log/shop': Read-only file system",
    /^shop wrote to \/var\/log\/shop,.*writable: \[\/tmp, \/var\/log\/shop\] /s,
  ],
  ["sqlite3.OperationalError: attempt to write a readonly database", /^shop wrote to its image,.*writable: \[\/tmp, FOLDER\]/s],
  [
    "[1] [ERROR] connection to ('0.0.0.0', 80) failed: [Errno 13] Permission denied\n[1] [ERROR] Can't connect to ('0.0.0.0', 80)",
    /^shop may not listen on a port below 1024[^→]*→ make it listen on a port from 1024 up .*applications\.shop\.port: 8000/,
  ],
  ["nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", /^shop may not listen on a port below 1024/],
  ["Error: You don't have permission to access that port.", /^shop may not listen on a port below 1024/],
  ["(13)Permission denied: AH00072: make_sock: could not bind to address 0.0.0.0:80", /^shop may not listen on a port below 1024/],
  [
    "PermissionError: [Errno 13] Permission denied: '/home/app/.cache'",
    /^shop may not access \/home\/app\/\.cache[^→]*→ write applications\.shop\.user /,
  ],
  [
    "FileNotFoundError: [Errno 2] No such file or directory: '/run/secrets/db_password'",
    /^shop reads the file \/run\/secrets\/db_password[^→]*→ .*applications\.shop\.secrets: \{DB_PASSWORD_FILE: \{from: shop-database, key: password, file: \/run\/secrets\/db_password\}\}/,
  ],
  [
    "exec /usr/local/bin/python3: exec format error",
    /^the image of shop is for another processor[^→]*→ build it for the node's processor: docker build --platform/,
  ],
  [
    "RuntimeError: 'cryptography' package is required for sha256_password or caching_sha2_password auth methods",
    /→ add this line to its requirements\.txt and build again: PyMySQL\[rsa\]$/,
  ],
  [
    `(1045, "Access denied for user 'root'@'10.244.0.9' (using password: YES)")`,
    /^MySQL rejects the account 'root' of shop[^→]*→ .*applications\.shop\.env: \{MYSQL_USER: "\{database\.user\}"/,
  ],
  [`(1049, "Unknown database 'tienda'")`, /→ write applications\.shop\.database\.name: tienda$/],
  [
    `(2003, "Can't connect to MySQL server on 'db' ([Errno -2] Name or service not known)")`,
    /→ write applications\.shop\.env: \{MYSQL_HOST: "\{database\.host\}"\}/,
  ],
  [`MySQLdb.OperationalError: (2005, "Unknown server host 'db' (-2)")`, /→ write applications\.shop\.env: \{MYSQL_HOST/],
  ["(1524, \"Plugin 'mysql_native_password' is not loaded\")", /→ MySQL 9 has only caching_sha2_password/],
  [`(1146, "Table 'shop.products' doesn't exist")`, /→ write applications\.shop\.database\.initialise .*applications\.shop\.before/],
  [
    "ModuleNotFoundError: No module named 'MySQLdb'\n[1] [INFO] Worker exiting (pid: 7)\n[1] [ERROR] Worker (pid:7) exited with code 3\n[1] [ERROR] Shutting down: Master\n[1] [ERROR] Reason: Worker failed to boot.",
    /^the image of shop lacks the Python module 'MySQLdb'/,
  ],
  ["requests.exceptions.ConnectTimeout: HTTPConnectionPool(host='192.168.1.5', port=80)", /→ .*applications\.shop\.outgoing$/],
];
test.each(OUTPUT)("an application that ends: %j", (log, told) => {
  const [text = ""] = words({ pod: crashed(1), logs: { shop: log } });
  expect(text).toMatch(told);
  expect(text).toMatch(/container shop crashed \(exit code 1, 3 times\)/);
  expect(text).toContain(log.split("\n").at(-1));
});

test("the database's password may be read by an init container, too, and the sample keeps its own messages", () => {
  const pod = crashed(1);
  const init = {
    ...pod,
    status: {
      initContainerStatuses: [{ name: "before", ready: false, restartCount: 1, image: "x", state: { terminated: { exitCode: 1 } } }],
    },
  };
  expect(words({ pod: init, logs: { before: `(1146, "Table 'shop.products' doesn't exist")` } })[0]).toMatch(
    /^shop uses the table 'shop\.products'/,
  );
  const sample = { ...pod, metadata: { ...pod.metadata, namespace: "cloudnova" } };
  expect(troubles({ pod: sample, events: [], logs: { shop: `(1049, "Unknown database 'tienda'")` } })[0]?.advice).toBeUndefined();
});

test("an application that waits for its database says for what", () => {
  const line = "waiting for the database shop: its SQL files have not run to the end yet (the Job shop-sql-1a2b3c4d runs them)";
  const pod = shop({ waiting: { reason: "PodInitializing" } });
  const init = [{ name: "database", image: "mysql:9.7.2", ready: false, restartCount: 0, ...{ state: running } }];
  const waits = { ...pod, status: { ...pod.status, initContainerStatuses: init } };
  expect(words({ pod: waits, logs: { database: `waiting for the database shop: ERROR 2003\n${line}\n` } })).toEqual([
    `shop has not started yet: ${line} → see MySQL and the Job of its SQL files in 'npx cloudnova status'`,
  ]);
  expect(words({ pod: waits })).toEqual([]);
});

test("images: one that `up` builds, one of a registry, one for another processor, one that runs as root, one without the command", () => {
  const waiting = (reason: string, message: string, image = "cloudnova.local/shop:1") => shop({ waiting: { reason, message } }, { image });
  const pull = 'Failed to pull image "x": rpc error: code = NotFound desc = failed to pull and unpack image "x": ';
  const failed = (text: string) => [event("Failed", `${pull}${text}`)];
  expect(words({ pod: waiting("ImagePullBackOff", ""), events: failed("no such host") })).toEqual([
    "image cloudnova.local/shop:1 cannot be pulled → 'npx cloudnova up' builds and loads it; correct applications.shop.build or applications.shop.image",
  ]);
  expect(
    words({ pod: waiting("ErrImagePull", "", "ghcr.io/me/shop:1"), events: failed("unexpected status: 401 Unauthorized") })[0],
  ).toMatch(/→ check applications\.shop\.image, the network, and whether/);
  expect(
    words({ pod: waiting("ErrImagePull", "", "ghcr.io/me/shop:1"), events: failed("no match for platform in manifest: not found") })[0],
  ).toMatch(/^the image of shop is for another processor/);
  expect(
    words({
      pod: waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root (pod: x, container: shop)"),
    })[0],
  ).toMatch(/→ write applications\.shop\.user: 10001 .*podSecurity: baseline$/);
  const runc =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "gunicorn": executable file not found in $PATH: unknown';
  expect(words({ pod: waiting("RunContainerError", runc) })).toEqual([
    "the image of shop has no program 'gunicorn' → correct applications.shop.command or applications.shop.args, or install the program in its Dockerfile",
  ]);
});

test("one that is killed for its memory names its key", () => {
  const pod = crashed(137, { lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } } });
  expect(words({ pod })[0]).toMatch(/exceeded its memory limit.*→ write applications\.shop\.resources: \{memoryLimit: 512Mi\}/);
});

test("pods that Pod Security refuses name the application's key", () => {
  const message = 'Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true';
  expect(controllerTrouble(message, { name: "shop", key: "applications.shop" }).advice).toBe(
    "if it must run as root, write applications.shop.podSecurity: baseline; otherwise apply again",
  );
});

test("in Spanish, too", () => {
  setLocale("es");
  const told = words({ pod: crashed(1), logs: { shop: "OSError: [Errno 30] Read-only file system: '/app/uploads'" } })[0];
  setLocale("en");
  expect(told).toMatch(
    /^shop escribió en \/app\/uploads, que es de solo lectura[^→]*→ escriba applications\.shop\.writable: \[\/tmp, \/app\/uploads\]/,
  );
});

describe("a Secret that is missing", () => {
  const reads = (name: string, state: object): KubeObject => ({
    ...shop(state),
    spec: {
      containers: [
        { env: [{ name: "A" }, { name: "MAIL_PASSWORD", valueFrom: { secretKeyRef: { name, key: "MAIL_PASSWORD" } } }] },
        { env: [{ name: "OTHER", valueFrom: { secretKeyRef: { name: "shop-secrets", key: "OTHER" } } }] },
      ],
      volumes: [{ name: "tmp" }, { name: "s", secret: { secretName: name, items: [{ key: "key.pem", path: "key.pem" }] } }],
    },
  });
  const waiting = (name: string) =>
    reads(name, { waiting: { reason: "CreateContainerConfigError", message: `secret "${name}" not found` } });
  const line = "kubectl -n cloudnova-shop create secret generic shop-own --from-literal=MAIL_PASSWORD=… --from-file=key.pem=…";

  test("is the user's to bring: the line that makes it", () => {
    const told = `Secret shop-own is missing → create it; the container waits for it: ${line}`;
    expect(words({ pod: waiting("shop-own") })).toEqual([told]);
    const starting = reads("shop-own", { running: {} });
    const pod = { ...starting, status: { phase: "Pending" } };
    const mount = event("FailedMount", 'MountVolume.SetUp failed for volume "s" : secret "shop-own" not found');
    expect(words({ pod, events: [mount] })).toEqual([told]);
  });
  test.each(["shop-secrets", "shop-database"])("%s is made in the cluster", (name) => {
    expect(words({ pod: waiting(name) })[0]).toMatch(/is missing → the Job 'bootstrap' generates it/);
  });
});
