import type { Answer, Call, Client } from "../../src/cluster/client.ts";
import { LeaseLost, renewed } from "../../src/cluster/lease.ts";

/** A server with one lease, as far as a renewal asks it. `loses`: the answer to the next PUT does not arrive, but its change does. */
function server(holder: string, { loses = false } = {}) {
  let lease: { metadata: { resourceVersion: string }; spec: { holderIdentity: string } } | undefined = {
    metadata: { resourceVersion: "1" },
    spec: { holderIdentity: holder },
  };
  const answer = (status: number, body: unknown = {}): Answer => ({ status, body, warnings: [] });
  const put = (body: NonNullable<typeof lease>): Answer => {
    if (body.metadata.resourceVersion !== lease?.metadata.resourceVersion) return answer(409, { reason: "Conflict" });
    lease = { ...body, metadata: { resourceVersion: String(Number(lease.metadata.resourceVersion) + 1) } };
    return answer(200, lease);
  };
  const client = {
    // As Client does: a request whose answer is lost is sent again.
    send: async ({ body }: Call) => {
      const first = put(body as NonNullable<typeof lease>);
      return loses ? put(body as NonNullable<typeof lease>) : first;
    },
    find: async () => lease,
    expect: (given: Answer) => given,
  } as unknown as Client;
  return { client, remove: () => (lease = undefined) };
}

const renew = ({ client }: ReturnType<typeof server>, version: string) => renewed(client, "cloudnova", "we", version);

test("a renewal gives the lease's new version", async () => {
  expect(await renew(server("we"), "1")).toBe("2");
});

test("a renewal whose answer was lost is found to be ours, and the next one goes on from there", async () => {
  const lossy = server("we", { loses: true });
  expect(await renew(lossy, "1")).toBe("2");
});

test("a lease that another run holds is lost, and its holder is named", async () => {
  await expect(renew(server("they"), "0")).rejects.toThrow(LeaseLost);
  await expect(renew(server("they"), "0")).rejects.toThrow(/they is changing namespace cloudnova now/);
});

test("a lease that went with its namespace is nobody's, and the run that deleted it goes on", async () => {
  const gone = server("we");
  gone.remove();
  expect(await renew(gone, "1")).toBe("1");
});
