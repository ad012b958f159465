import fc from "fast-check";
import { currentZone, timeZoneNames } from "../../src/config/time-zones.ts";
import {
  cpu,
  dnsName,
  duration,
  image,
  mailAddress,
  mebibytes,
  millicores,
  quantity,
  seconds,
  server,
  timeZone,
  webAddress,
} from "../../src/config/units.ts";

const valid = (schema: { safeParse: (value: unknown) => { success: boolean } }, value: unknown) => schema.safeParse(value).success;

test.each([
  ["64Mi", 64],
  ["2Gi", 2048],
])("%s is %d MiB", (text, expected) => expect(mebibytes(text)).toBe(expected));

test.each([
  ["50m", 50],
  ["2", 2000],
])("%s is %d millicores", (text, expected) => expect(millicores(text)).toBe(expected));

test.each([
  ["15s", 15],
  ["1h30m", 5400],
  ["15d", 1_296_000],
  ["500ms", 0.5],
  ["1w", 604_800],
  ["1y", 31_536_000],
  ["1m30s", 90],
  ["1y2w3d4h5m6s7ms", 33_019_506.007],
])("%s is %d seconds", (text, expected) => expect(seconds(text)).toBe(expected));
test.each(["1hour", "90", "30s1m", "1h 30m", "", "h"])("%j is not misread, but refused", (text) =>
  expect(() => seconds(text)).toThrow("not a duration"),
);

test.each(["64", "64M", "0Mi", "1.5Gi", "-1Gi", "64mi", " 64Mi", "99999999Gi", ""])("%j is no quantity", (text) =>
  expect(valid(quantity, text)).toBe(false),
);
test.each(["0m", "1.5", "-1", "2cores", "", "0"])("%j is no CPU", (text) => expect(valid(cpu, text)).toBe(false));
test.each(["15", "s", "0s", "1m1h", "-1s", "", "1w1y", "1.5h", "1M", "293y", "1hour"])("%j is no duration", (text) =>
  expect(valid(duration, text)).toBe(false),
);
test.each(["a_b.com", "-a.com", "a..b", "1.2.3.4", "UP.com", `${"a".repeat(64)}.com`, "http://a.com", "a.com:80", ""])(
  "%j is no DNS name",
  (text) => expect(valid(dnsName, text)).toBe(false),
);
test.each(["localhost", "a.b-c.example.com", `${"a".repeat(63)}.com`])("%j is a DNS name", (text) =>
  expect(valid(dnsName, text)).toBe(true),
);

const digest = `@sha256:${"0".repeat(64)}`;
test.each([
  "mysql:8.4.11",
  "prom/prometheus:v3.5.5",
  "ghcr.io/me/app:1.0-rc.1",
  "host:5000/app:1",
  `mysql${digest}`,
  `mysql:8.4.11${digest}`,
])("%j is an image", (text) => expect(valid(image, text)).toBe(true));
test.each(["mysql", "mysql:latest", `mysql:latest${digest}`, "mysql:", "host:5000/app", "my sql:1", "mysql@sha256:0", ""])(
  "%j is no image",
  (text) => expect(valid(image, text)).toBe(false),
);

test.each(["1y", "292y", "1y2w3d4h5m6s7ms", "0015s", "90m"])("%j is a duration", (text) => expect(valid(duration, text)).toBe(true));

/** What Go's net/mail.ParseAddress answers, and RFC 5321's lengths. */
test.each([
  "a@example.com",
  "ops+cloud.nova_1@mail-1.example.com",
  "!#$%&'*+-/=?^_`{|}~@example.com",
  "root@localhost",
  "ops@[192.0.2.7]",
  "señal@año.example",
  `${"a".repeat(64)}@example.com`,
])("%j is a mail address", (text) => expect(valid(mailAddress, text)).toBe(true));
test.each([
  "a..b@example..com",
  "a..b@example.com",
  ".a@example.com",
  "a.@example.com",
  "a@example..com",
  "a@.example.com",
  "a@example.com.",
  "a@-example.com",
  "a@[300.1.1.1]",
  "a b@example.com",
  "a\u00a0b@example.com",
  '"a b"@example.com',
  "Ops <ops@example.com>",
  "a@b@example.com",
  "{{a}}@example.com",
  "@example.com",
  "a@",
  `${"a".repeat(65)}@example.com`,
  `a@${"b".repeat(64)}.com`,
])("%j is no mail address that a mail is sent to", (text) => expect(valid(mailAddress, text)).toBe(false));

test.each(["smtp.example.com:587", "SMTP.Example.com:25", "mail_relay:25", "10.0.0.7:25", "1and1.example:465"])("%j is a server", (text) =>
  expect(valid(server, text)).toBe(true),
);
test.each(["smtp.example.com", "smtp..example.com:25", "10.0.0.256:25", "10.0.0:25", "a:0", "a:65536", "-a:25", "a:b:25", ":25", "a.:25"])(
  "%j is no server",
  (text) => expect(valid(server, text)).toBe(false),
);

test.each(["https://grafana.example.com", "http://localhost:3000/grafana", "http://10.0.0.7:65535"])("%j is a web address", (text) =>
  expect(valid(webAddress, text)).toBe(true),
);
test.each(["https://a..b", "http://localhost:65536", "http://localhost:99999", "http://1.2.3.400", "ftp://a", "http://a/b/"])(
  "%j is no web address",
  (text) => expect(valid(webAddress, text)).toBe(false),
);

describe("time zones", () => {
  test.each(["CET", "Etc/GMT+5", "EST5EDT", "America/Argentina/Buenos_Aires", "US/Eastern", "UTC", "GB-Eire", "America/Port-au-Prince"])(
    "%s is one",
    (name) => expect(valid(timeZone, name)).toBe(true),
  );
  test.each(["cet", "Europe/madrid", "Europe/Valladolid", "Etc/GMT+15", "GMT+2", "UTC+1", "Factory", "localtime", "Local", ""])(
    "%j is none that Alertmanager finds",
    (name) => expect(valid(timeZone, name)).toBe(false),
  );
  test("all that Node has, every one by its own name", () =>
    expect(Intl.supportedValuesOf("timeZone").filter((name) => !valid(timeZone, name))).toEqual([]));
  test("a link has the clock of the zone that it is written as, in every season", () => {
    const dates = Array.from({ length: 24 }, (_, month) => new Date(Date.UTC(2025, month, 15, 12)));
    const clocks = (timeZone: string) => {
      const format = new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "long", hour12: false });
      return dates.map((date) => format.format(date).replace(/ [^ ]*$/, ""));
    };
    const links = timeZoneNames().filter((name) => currentZone(name) !== name);
    expect(links).toEqual(expect.arrayContaining(["CET", "US/Eastern", "EST", "Asia/Calcutta", "Zulu"]));
    for (const name of links) expect([name, clocks(name)]).toEqual([name, clocks(currentZone(name) ?? "")]);
  });
  test("what is written is a zone of the geographical kind, which every package of zones has", () => {
    for (const name of timeZoneNames()) expect(currentZone(name)).toMatch(/^(UTC|\w+\/.+)$/);
  });
});

test("every text is answered, and quickly: no pattern runs away", () => {
  const start = process.cpuUsage().user;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "0", ".", "-", "/", ":", "@", "m"), maxLength: 255 }), (text) => {
      for (const schema of [quantity, cpu, duration, dnsName, image, mailAddress, server, timeZone, webAddress]) valid(schema, text);
    }),
    { numRuns: 500 },
  );
  expect(process.cpuUsage().user - start).toBeLessThan(20e6);
});
