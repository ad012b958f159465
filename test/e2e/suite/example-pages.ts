import { type Asked, ask, type Reply } from "../../../src/cluster/transport/ingress-client.ts";
import { PORTS } from "./environment-file.ts";
import type { Example } from "./examples.ts";
import { expect, until } from "./wait.ts";

/** A pod of an example starts within seconds; its database may have to start first, and Traefik reads its new namespaces. */
const ANSWER_S = 60;

/** Asks for an example's page, or sends something there. */
export const request = ({ host, path }: Example, asked?: Asked): Promise<Reply> =>
  ask({ address: "127.0.0.1", host, httpPort: PORTS.http, httpsPort: PORTS.https }, path, asked);

/** Waits until an example's page shows a text. */
export const shows = (example: Example, text: string): Promise<boolean> =>
  until(`${example.name} shows '${text}' at https://${example.host}${example.path}`, ANSWER_S, async () => {
    const reply = await request(example);
    if (reply.status !== 200 || !reply.text.includes(text)) throw new Error(`${reply.status}: ${reply.text.slice(0, 200)}`);
    return true;
  });

/** Sends an example's form as a browser does, with Django's token where its page has one. */
export async function write(example: Example, text: string): Promise<void> {
  const page = await request(example);
  const [, token] = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text) ?? [];
  const cookie = [page.headers["set-cookie"] ?? []].flat().map((one) => one.split(";")[0] ?? "");
  const fields = new URLSearchParams({ ...example.form(text), ...(token ? { csrfmiddlewaretoken: token } : {}) });
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    referer: `https://${example.host}:${PORTS.https}${example.path}`,
    ...(cookie.length > 0 ? { cookie: cookie.join("; ") } : {}),
  };
  const { status } = await request(example, { method: "POST", headers, body: fields.toString() });
  expect(`the status of a POST to ${example.name}`, status, 302);
}
