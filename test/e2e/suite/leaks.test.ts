import { canariesOf, formsOf, leaksIn } from "./leaks.ts";

const value = 'p4ss/w0rd+with=and "quotes"';
const canary = { name: "one/secret, key", value };
const found = (text: string) => leaksIn([{ name: "a place", text: `before ${text} after` }], [canary]);

test.each([
  ["as it is", value],
  ["in base64", Buffer.from(value).toString("base64")],
  ["in base64 of a longer text", Buffer.from(`user:${value}`).toString("base64")],
  ["in base64 of another longer text", Buffer.from(`root:${value}, and more`).toString("base64")],
  ["in a URL", `https://x/?p=${encodeURIComponent(value)}`],
  ["in JSON", JSON.stringify({ password: value })],
])("a value is found %s", (_, text) => {
  expect(found(text)).toEqual(["one/secret, key is in a place"]);
});

test("another value is not, nor a part of it", () => {
  expect(found(value.slice(1))).toEqual([]);
  expect(found(Buffer.from(value.slice(1)).toString("base64"))).toEqual([]);
});

test("of a private key its body is looked for, also in base64", () => {
  const body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1234567890abcdef";
  const key = `-----BEGIN PRIVATE KEY-----\n${body}\nshort\n-----END PRIVATE KEY-----\n`;
  const keys = [{ name: "key", value: key.trim() }];
  for (const text of [key, body, Buffer.from(key).toString("base64"), JSON.stringify(key)]) {
    expect(leaksIn([{ name: "p", text }], keys)).toEqual(["key is in p"]);
  }
  expect(leaksIn([{ name: "p", text: "-----BEGIN PRIVATE KEY-----" }], keys)).toEqual([]);
});

test("what anybody may read is no Secret, and what is too short to look for is said", () => {
  const secret = (data: Record<string, string>) => [{ metadata: { name: "s", namespace: "n" }, data }];
  const encoded = Buffer.from("0123456789ab\n").toString("base64");
  expect(canariesOf(secret({ "ca.crt": encoded, "tls.crt": encoded, password: encoded }))).toEqual([
    { name: "n/s, password", value: "0123456789ab" },
  ]);
  expect(() => canariesOf(secret({ pin: "MTIzNA==" }))).toThrow("n/s, pin: 4 characters");
  expect(formsOf("0123456789ab").length).toBeGreaterThan(3);
});
