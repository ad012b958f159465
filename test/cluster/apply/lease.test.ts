import timers from "node:timers/promises";
import { LeaseLost, renewed, withLease } from "../../../src/cluster/apply/lease.ts";
import { Leases } from "./leases.ts";

const MINUTE_MS = 60_000;
let server: Leases;
beforeEach(() => {
  jest.useFakeTimers();
  // Jest's clock does not reach into Node's own module.
  jest.spyOn(timers, "setTimeout").mockImplementation((ms) => new Promise((resolve) => setTimeout(resolve, ms)) as never);
  server = new Leases();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

/** Runs work of so many seconds under the lease; tells how it stands. */
function run(workS = 0, patienceMs?: number) {
  const state = { told: [] as string[], began: undefined as number | undefined, ended: undefined as unknown };
  const start = performance.now();
  const work = async () => {
    state.began = Math.round((performance.now() - start) / 1000);
    await new Promise((resolve) => setTimeout(resolve, workS * 1000));
    if (server.refusal) throw server.refusal;
  };
  withLease(server.client, "shop", (holder, since) => void state.told.push(`${holder} since ${since}`), work, patienceMs).then(
    () => (state.ended = "well"),
    (error) => (state.ended = error),
  );
  return state;
}

/** Another run that renews its lease every ten seconds, as older versions of this program do. */
function somebodyWorks(clockMs: number) {
  server.heldBy("ana", clockMs);
  return setInterval(() => server.heldBy("ana", clockMs), 10_000);
}

describe("a renewal", () => {
  const lease = (version: string) => ({ metadata: { resourceVersion: version }, spec: { holderIdentity: "ana", acquireTime: "" } });
  const renew = (version: string) => renewed(server.client, "shop", lease(version));
  beforeEach(() => server.heldBy("ana"));

  test("gives the lease's new version, and leaves when it was acquired", async () => {
    expect((await renew("1")).metadata.resourceVersion).toBe("2");
    expect(server.lease?.spec.acquireTime).toBe("");
  });

  test("whose answer was lost is found to be ours, and the next one goes on from there", async () => {
    server.losesAnswer = true;
    expect((await renew("1")).metadata.resourceVersion).toBe("2");
  });

  test("of a lease that another run holds says so, and names its holder", async () => {
    server.heldBy("eva");
    await expect(renew("1")).rejects.toThrow(LeaseLost);
    await expect(renew("1")).rejects.toThrow(/eva is changing namespace shop now/);
  });

  test("of a lease that went with its namespace gives way to nobody: the run that deleted it goes on", async () => {
    server.lease = undefined;
    expect((await renew("1")).metadata.resourceVersion).toBe("1");
  });
});

test("a free lease is taken at once, renewed while the work lasts, and gone after it", async () => {
  const ours = run(60);
  await pass(1);
  expect([ours.began, server.lease?.spec.leaseDurationSeconds]).toEqual([0, 30]);
  const acquired = server.lease?.spec.acquireTime;
  await pass(58);
  expect(server.version).toBe(12); // every five seconds
  expect(server.lease?.spec.acquireTime).toBe(acquired);
  expect(Date.now() - Date.parse(server.lease?.spec.renewTime ?? "")).toBeLessThan(6000);
  await pass(2);
  expect([ours.ended, server.lease, ours.told]).toEqual(["well", undefined, []]);
  await pass(60);
  expect(server.version).toBe(12);
});

test("a server that is slow to answer gets one renewal at a time", async () => {
  server.slowMs = 12_000;
  const ours = run(60);
  await pass(75);
  expect([ours.ended, server.lease, server.atOnce]).toEqual(["well", undefined, 1]);
  expect(server.version).toBe(5); // one made, one every 15 s: the first tick after an answer
});

describe.each([0, 10 * MINUTE_MS, -10 * MINUTE_MS])("another machine's clock that differs by %i ms", (clockMs) => {
  test("who works there is told at once, and waited for", async () => {
    const works = somebodyWorks(clockMs);
    const ours = run();
    await pass(0);
    const since = new Date(Date.now() + clockMs).toISOString().slice(0, 19).replace("T", " ");
    expect(ours.told).toEqual([`ana since ${since} UTC`]);
    await pass(100);
    expect(ours.began).toBeUndefined();
    clearInterval(works);
    server.lease = undefined;
    await pass(2);
    expect([ours.ended, ours.told.length]).toEqual(["well", 1]);
  });

  test("without patience it is refused as soon as its holder is seen to be alive", async () => {
    somebodyWorks(clockMs);
    const ours = run(0, 0);
    await pass(11);
    expect(ours.ended).toMatchObject({ message: expect.stringMatching(/^ana has been changing namespace shop since 2\d{3}-.* UTC$/) });
    expect(ours.began).toBeUndefined();
  });

  test.each([0, undefined])("an abandoned lease is taken over once its time is over by our own clock (patience %p)", async (patienceMs) => {
    server.heldBy("ana", clockMs);
    const ours = run(1, patienceMs);
    await pass(29);
    expect(ours.began).toBeUndefined();
    await pass(3);
    expect(ours.ended).toBe("well");
  });
});

test("a patience that is over is told, also when it takes minutes", async () => {
  somebodyWorks(0);
  const ours = run();
  await pass(119);
  expect(ours.ended).toBeUndefined();
  await pass(3);
  expect(ours.ended).toMatchObject({ advice: expect.stringContaining("wait until that run ends") });
});

test("while the server does not answer nobody is taken for dead", async () => {
  server.heldBy("ana");
  const find = jest.spyOn(server.client, "find");
  const ours = run();
  await pass(5);
  find.mockImplementationOnce(async () => {
    await new Promise((resolve) => setTimeout(resolve, 60_000)); // the server restarts, and Client tries again and again
    return server.lease;
  });
  await pass(62);
  expect(ours.began).toBeUndefined();
  server.heldBy("ana"); // the holder's attempt comes a moment after ours
  await pass(29);
  expect(ours.began).toBeUndefined();
});

test("a lease that is lost during the work has the rest of it refused, and the other's lease stays", async () => {
  const ours = run(20);
  await pass(7);
  server.heldBy("eva");
  await pass(5);
  expect(server.refusal).toBeInstanceOf(LeaseLost);
  await pass(10);
  expect(ours.ended).toMatchObject({ message: expect.stringContaining("eva is changing namespace shop now") });
  expect(server.lease?.spec.holderIdentity).toBe("eva");
});

test("a renewal that does not get through is tried again, and loses nothing", async () => {
  const ours = run(30);
  await pass(6);
  server.deaf = true;
  await pass(10);
  server.deaf = false;
  await pass(16);
  expect([ours.ended, server.refusal, server.lease]).toEqual(["well", undefined, undefined]);
});
