import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type LoggedIn, logIn } from "../../src/evidence/login.ts";

const asked: IncomingMessage[] = [];
const behind = createServer((request, response) => {
  asked.push(request);
  response.setHeader("set-cookie", ["grafana_session=1; Path=/"]);
  response.writeHead(200, { "x-from": "grafana" }).end("a page");
});
let door: LoggedIn;
beforeAll(async () => {
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  door = await logIn((behind.address() as AddressInfo).port, "admin", "secret");
});
afterAll(async () => {
  await door.close();
  behind.close().closeAllConnections();
});
beforeEach(() => void asked.splice(0));

const ask = (path: string, options: RequestInit = {}) => fetch(`http://127.0.0.1:${door.port}${path}`, options);
/** What the browser keeps of the first answer. */
const cookieOf = (answer: Response) => answer.headers.getSetCookie().map((one) => one.split(";")[0]);

test("a key opens once, its cookie from then on, and the password is said behind the door alone", async () => {
  const path = door.entry("/d/overview?kiosk");
  const first = await ask(path);
  expect([first.status, first.headers.get("x-from"), await first.text()]).toEqual([200, "grafana", "a page"]);
  const cookies = cookieOf(first);
  expect(cookies).toEqual([expect.stringMatching(/^door=\w{48}$/), "grafana_session=1"]);
  expect((await ask("/public/a.js", { headers: { cookie: cookies.join("; ") } })).status).toBe(200);
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill(`Basic ${btoa("admin:secret")}`));
  expect((await ask(path)).status).toBe(403);
  expect(asked).toHaveLength(2);
});

test.each([
  ["no key", "/api/users", {}],
  ["a path that is no address", "//", {}],
  ["a wrong cookie", "/api/users?door=guess", { headers: { cookie: "door=x" } }],
])("%s: refused, and nothing is asked behind", async (_, path, options) => {
  expect((await ask(path, options)).status).toBe(403);
  expect(asked).toEqual([]);
});

test("it shows and changes nothing: of all that write, panels' questions alone pass", async () => {
  const headers = { cookie: cookieOf(await ask(door.entry("/")))[0] ?? "" };
  const status = async (method: string, path: string) => (await ask(path, { method, headers })).status;
  expect(await status("POST", "/api/ds/query?ds_type=prometheus")).toBe(200);
  expect([await status("POST", "/api/admin/users"), await status("DELETE", "/api/dashboards/uid/x")]).toEqual([403, 403]);
});
