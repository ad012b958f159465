import { middle, parseWrk } from "./wrk.ts";

const GOOD = `Running 5s test @ https://proxy:443/users
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    35.31ms   22.46ms 207.66ms   85.00%
    Req/Sec   445.06    136.94   690.00     68.75%
  Latency Distribution
     50%   30.52ms
     75%   37.94ms
     90%   53.75ms
     99%  137.41ms
  2238 requests in 5.08s, 52.40MB read
Requests/sec:    440.38
Transfer/sec:     10.31MB
`;

describe("parseWrk", () => {
  test("reads rate and latencies", () => {
    expect(parseWrk(GOOD)).toEqual({ rate: 440.38, p50: 30.52, p99: 137.41, failed: 0 });
  });

  test("brings every unit to milliseconds", () => {
    const text = GOOD.replace("30.52ms", "368.00us").replace("137.41ms", "1.02m");
    expect(parseWrk(text)).toMatchObject({ p50: 0.368, p99: 61_200 });
    expect(parseWrk(GOOD.replace("137.41ms", "2.07s"))).toMatchObject({ p99: 2070 });
  });

  test("counts answers that are errors, and broken connections", () => {
    const text = GOOD.replace(
      "Requests/sec",
      "  Socket errors: connect 1, read 20, write 0, timeout 300\n  Non-2xx or 3xx responses: 4000\nRequests/sec",
    );
    expect(parseWrk(text).failed).toBe(4321);
  });

  test("is an error when there is no result", () => {
    expect(() => parseWrk("unable to resolve proxy:https Servname not supported for ai_socktype\n")).toThrow(
      "wrk printed no result: unable to resolve proxy:https Servname not supported for ai_socktype",
    );
    expect(() => parseWrk("")).toThrow("wrk printed no result: nothing");
  });
});

test("the middle run counts, with the range and all failures", () => {
  const run = (rate: number, failed = 0) => ({ rate, p50: rate / 10, p99: rate, failed });
  expect(middle([run(900), run(1000, 2), run(100, 5)])).toEqual({ rate: 900, p50: 90, p99: 900, failed: 7, least: 100, most: 1000 });
});
