import { readSecret } from "../../../src/cluster/transport/secret.ts";
import { FakeApi } from "./api.ts";

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.stop());

test.each([
  ["S3cret-of-webapp\r\n", "S3cret-of-webapp"],
  ["S3cret-of-webapp\n", "S3cret-of-webapp"],
  ["S3cret-of-webapp\r", "S3cret-of-webapp"],
  ["two\r\nlines\n\r\n", "two\r\nlines"],
  [" spaces count ", " spaces count "],
  ["contraseña 密码 😀", "contraseña 密码 😀"],
])("%j is read as %j", async (value, read) => {
  const data = { "admin-password": Buffer.from(value).toString("base64") };
  api.put("/api/v1/namespaces/shop/secrets", { metadata: { name: "webapp" }, data });
  expect(await readSecret(api.client(), "shop", "webapp", "admin-password")).toBe(read);
});
