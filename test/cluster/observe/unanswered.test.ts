import { unansweredIn } from "../../../src/cluster/observe/unanswered.ts";

// Lines as the libraries print them.
test.each([
  [
    "requests",
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: /v1 (Caused by ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f>, 'Connection to api.example.com timed out. (connect timeout=5)'))",
    { host: "api.example.com", port: 443, refused: false },
  ],
  [
    "requests, refused",
    "HTTPConnectionPool(host='10.0.0.5', port=8080): Max retries exceeded with url: / (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused'))",
    { host: "10.0.0.5", port: 8080, refused: true },
  ],
  [
    "aiohttp",
    "aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host api.example.com:443 ssl:default [Connect call failed ('203.0.113.7', 443)]",
    { host: "api.example.com", port: 443, refused: false },
  ],
  [
    "redis-py",
    "redis.exceptions.TimeoutError: Error 110 connecting to cache.example.com:6379. Connection timed out.",
    { host: "cache.example.com", port: 6379, refused: false },
  ],
  ["Node", "Error: connect ETIMEDOUT 10.0.0.5:6379", { host: "10.0.0.5", port: 6379, refused: false }],
  ["Node, refused", "Error: connect ECONNREFUSED 10.0.0.5:6379", { host: "10.0.0.5", port: 6379, refused: true }],
  ["Go", 'Get "https://api.example.com": dial tcp 203.0.113.7:443: i/o timeout', { host: "203.0.113.7", port: 443, refused: false }],
  [
    "PyMySQL",
    "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on '10.0.0.9' ([Errno 113] No route to host)\")",
    { host: "10.0.0.9", refused: false },
  ],
  [
    "mysqlclient",
    "MySQLdb.OperationalError: (2002, \"Can't connect to server on '10.0.0.9' (110)\")",
    { host: "10.0.0.9", refused: false },
  ],
  ["libpq", 'connection to server at "10.0.0.6", port 5432 failed: Connection timed out', { host: "10.0.0.6", port: 5432, refused: false }],
  ["the socket alone", "TimeoutError: [Errno 110] Connection timed out", { refused: false }],
])("%s", (_, line, expected) => expect(unansweredIn(`before\n${line}\nafter`)).toEqual([expected]));

test.each([
  "[CRITICAL] WORKER TIMEOUT (pid:7)",
  "HTTPSConnectionPool(host='api.example.com', port=443): Read timed out. (read timeout=5)",
  '10.244.0.1 - - [26/Nov/2026] "GET /timeout HTTP/1.1" 200 110',
  "connected to https://api.example.com",
])("%j is none", (line) => expect(unansweredIn(line)).toEqual([]));

test("a traceback with its cause is one; every destination is named once", () =>
  expect(
    unansweredIn(
      "TimeoutError: [Errno 110] Connection timed out\nError: connect ETIMEDOUT 10.0.0.5:6379\nError: connect ETIMEDOUT 10.0.0.5:6379\nError: connect ETIMEDOUT 10.0.0.6:25\n",
    ).map(({ host }) => host),
  ).toEqual(["10.0.0.5", "10.0.0.6"]));
