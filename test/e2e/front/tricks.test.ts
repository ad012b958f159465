import { everyTrick, faultIn, type Trick } from "./tricks.ts";

const trick = (wanted: Trick["wanted"]): Trick => ({ name: "one", text: "", wanted });
const reply = (status: number, rest = "") => `HTTP/1.1 ${status} Words\r\nContent-Length: 0\r\n\r\n${rest}`;

test.each([
  ["refused", reply(404), undefined],
  ["refused", reply(501), undefined],
  ["refused", reply(200), "one: answered 200, should be refused"],
  ["refused", reply(500), "one: answered 500, should be refused"],
  ["refused", reply(400) + reply(200), "one: answered 400, 200, should be refused"],
  ["refused", "(ECONNRESET)", "one: no answer: (ECONNRESET)"],
  ["refused or cut off", "(ECONNRESET)", undefined],
  ["refused or cut off", reply(413), undefined],
  ["refused or cut off", "(no handshake)", "one: no answer: (no handshake)"],
  ["refused or cut off", reply(200), "one: answered 200, should be refused or cut off"],
  ["page", reply(200, "a page"), undefined],
  ["page", reply(404), "one: answered 404, should be page"],
  ["page", reply(200, "https://evil.example/users"), "one: the answer repeats evil.example"],
] as const)("of what should be %s, %j is %j", (wanted, text, fault) => expect(faultIn(trick(wanted), text)).toBe(fault));

test("a trick has a name of its own, and two requests in one ask for the marked path", () => {
  const all = everyTrick("/front-x");
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  const marked = all.filter(({ text }) => text.includes("GET /front-x-smuggled HTTP/1.1")).map(({ name }) => name);
  expect(marked).toEqual(expect.arrayContaining(["CL.TE", "TE.CL", "CL.CL", "TE folded"]));
});
