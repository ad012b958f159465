import { noteworthy, refused } from "./distress.ts";

/** As Traefik 3.7 writes it, less what is not read. */
const entry = (more: object) =>
  JSON.stringify({
    ClientHost: "10.0.0.1",
    DownstreamStatus: 200,
    Duration: 3_358_755,
    OriginStatus: 200,
    RequestMethod: "GET",
    RequestPath: "/users",
    RouterName: "cloudnova-webapp@kubernetes",
    ServiceAddr: "10.42.0.7:8000",
    StartUTC: "2026-11-26T14:11:04.972370344Z",
    ...more,
  });

test("of the access log those lines are shown that were refused, with the pod that answered, or that none was asked", () => {
  const log = [
    '{"level":"info","msg":"Starting provider *ingress.Provider","time":"2026-11-26T14:11:00Z"}',
    "2026/11/26 14:11:01 a line of another program",
    '{"ClientHost":"10.0.0.1","Downst2026-11-26T14:11:02.1Z stdout F {"ClientHost":"10.0.0.1"}', // cut off when the disk was full
    entry({}),
    entry({ DownstreamStatus: 503, OriginStatus: 503, Duration: 1_204_000_000 }),
    entry({ DownstreamStatus: 503, OriginStatus: 0, ServiceAddr: undefined, Duration: 358_755 }),
    entry({ DownstreamStatus: 502, OriginStatus: 502, RequestMethod: "POST" }),
  ].join("\n");
  expect(refused(log)).toEqual([
    "2026-11-26T14:11:04.972370344Z GET /users → 503 after 1204 ms (10.42.0.7:8000 answered 503)",
    "2026-11-26T14:11:04.972370344Z GET /users → 503 after 0 ms (no pod was asked)",
    "2026-11-26T14:11:04.972370344Z POST /users → 502 after 3 ms (10.42.0.7:8000 answered 502)",
  ]);
});

test("a log that could not be read shows nothing", () => expect(refused("no answer: kubectl ended with 1")).toEqual([]));

test("of the application's log warnings are shown, and answers that took a second or longer", () => {
  const line = (level: string, ms: number) => `[pod/webapp] {"level": "${level}", "message": "request", "duration_ms": ${ms}}`;
  const kept = [line("warning", 2.5), line("info", 1000.4)];
  expect(noteworthy([line("info", 999.9), ...kept, line("info", 12)].join("\n"))).toEqual(kept);
});
