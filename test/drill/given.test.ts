import { policyToGiven } from "../../src/drill/drill-pods.ts";
import { forwardTargets, givenBy } from "../../src/drill/given.ts";
import { allDelivered, NotificationCounters, notificationCounts } from "../../src/drill/notification-counts.ts";
import { advance, alertPhases, type Message, missing } from "../../src/drill/timeline.ts";

describe("receivers that the user names", () => {
  test("none, a webhook, a mail server with somebody to write to", () => {
    expect(givenBy({})).toEqual({});
    expect(givenBy({ webhook: "https://hooks.example.com/a?key=b" })).toEqual({ webhook: "https://hooks.example.com/a?key=b" });
    expect(givenBy({ smtp: "mail.example.com:25", to: "ops@example.com" })).toEqual({
      mail: { smarthost: "mail.example.com:25", to: "ops@example.com" },
    });
  });

  test.each([
    [{ webhook: "hooks.example.com/a" }, "'hooks.example.com/a' is not the address of a webhook"],
    [{ webhook: "ftp://hooks.example.com" }, "'ftp://hooks.example.com' is not the address of a webhook"],
    [{ webhook: "http://localhost:8080/" }, "'http://localhost:8080/' is a loopback address"],
    [{ smtp: "127.0.0.1:25", to: "a@b.c" }, "'127.0.0.1:25' is a loopback address"],
    [{ smtp: "[::1]:25", to: "a@b.c" }, "'[::1]:25' is a loopback address"],
    [{ smtp: "mail.example.com", to: "a@b.c" }, "'mail.example.com' is not a mail server's host and port"],
    [{ smtp: "mail.example.com:0", to: "a@b.c" }, "'mail.example.com:0' is not a mail server's host and port"],
    [{ smtp: "mail.example.com:65536", to: "a@b.c" }, "'mail.example.com:65536' is not a mail server's host and port"],
    [{ smtp: "mail.example.com:25" }, "--smtp and --to are needed together"],
    [{ to: "a@b.c" }, "--smtp and --to are needed together"],
    [{ smtp: "mail.example.com:25", to: "nobody" }, "'nobody' is not a mail address"],
  ])("%p: %s", (options, words) => expect(() => givenBy(options)).toThrow(words));

  test("Alertmanager is let out to them and to DNS, and nowhere else", () => {
    const mail = { smarthost: "[2001:db8::7]:2525", to: "a@b.c" };
    expect(forwardTargets({ webhook: "https://hooks.example.com/", mail })).toEqual([
      { port: 443 },
      { port: 2525, cidr: "2001:db8::7/128" },
    ]);
    expect(forwardTargets({ webhook: "http://10.0.0.9:8080/" })).toEqual([{ port: 8080, cidr: "10.0.0.9/32" }]);
    const { podSelector, policyTypes, egress } = policyToGiven("shop", [{ port: 443 }, { port: 25, cidr: "10.0.0.9/32" }]).spec;
    expect([podSelector, policyTypes]).toEqual([{ matchLabels: { "app.kubernetes.io/name": "alertmanager" } }, ["Egress"]]);
    const [byName, byAddress, dns, ...others] = egress;
    expect(JSON.stringify(byName)).toContain('{"cidr":"0.0.0.0/0","except":["169.254.0.0/16"]}');
    expect(JSON.stringify(byName)).toContain('{"cidr":"::/0","except":["fd00:ec2::254/128"]}');
    expect(byAddress).toEqual({ to: [{ ipBlock: { cidr: "10.0.0.9/32" } }], ports: [{ port: 25, protocol: "TCP" }] });
    expect(dns.ports.map(({ port }: { port: number }) => port)).toEqual([53, 53]);
    expect(others).toEqual([]);
  });
});

describe("handed over", () => {
  const page = (begun: number, attempts: number, failed: number) =>
    [
      "# TYPE alertmanager_notifications_total counter",
      `alertmanager_notifications_total{integration="email"} ${begun}`,
      `alertmanager_notifications_total{integration="webhook"} 7`,
      `alertmanager_notification_requests_total{integration="email"} ${attempts}`,
      `alertmanager_notification_requests_failed_total{integration="email"} ${failed}`,
      `alertmanager_notifications_failed_total{integration="email",reason="other"} 0`,
    ].join("\n");

  test("the counters are Alertmanager's, also where they name receivers", () => {
    expect(notificationCounts(page(3, 4, 2), "mail")).toEqual({ begun: 3, succeeded: 2, failed: 2 });
    const two = 'alertmanager_notifications_total{integration="webhook",receiver_name="a"} 1\n';
    expect(notificationCounts(two + two.replace("} 1", "} 1e+02"), "webhook").begun).toBe(101);
  });

  test("when nothing is under way and nobody was left out", () => {
    expect(allDelivered({ begun: 2, succeeded: 2, failed: 0 })).toBe(true);
    expect(allDelivered({ begun: 2, succeeded: 2, failed: 1 })).toBe(true); // the second attempt succeeded
    expect(allDelivered({ begun: 2, succeeded: 1, failed: 0 })).toBe(false); // the other is still under way
    expect(allDelivered({ begun: 1, succeeded: 1, failed: 0 })).toBe(false); // only the drill's own
    expect(allDelivered({ begun: 3, succeeded: 2, failed: 1 })).toBe(false); // somebody was not told
  });

  test("counted from the start of a phase; not at all where nobody was given", async () => {
    const mail = { smarthost: "mail:25", to: "a@b.c" };
    const pages = [page(3, 4, 2), page(5, 7, 3)];
    const read = async () => {
      const text = pages.shift() ?? "";
      return { webhook: notificationCounts(text, "webhook"), mail: notificationCounts(text, "mail") };
    };
    const counters = new NotificationCounters({ mail }, read);
    await counters.start();
    expect((await counters.sinceStart())?.mail).toEqual({ begun: 2, succeeded: 2, failed: 1 });
    expect(counters.failed).toBe(1);
    const none = new NotificationCounters({}, () => Promise.reject(new Error("asked")));
    await none.start();
    expect([await none.sinceStart(), none.failed]).toEqual([undefined, 0]);
  });

  test("a step of its own for each that was given; seen when its own has come and all was taken", () => {
    const { broken, repaired } = alertPhases(false, { webhook: "http://a", mail: { smarthost: "b:25", to: "c@d" } });
    const message = (via: Message["via"]): Message => ({ number: 1, via, alert: "A", status: "firing" });
    const told = (mail: number) => ({ webhook: { begun: 2, succeeded: 2, failed: 0 }, mail: { begun: 2, succeeded: mail, failed: 1 } });
    const saw = { at: 1, state: "firing", quiet: 0, messages: [message("webhook"), message("mail")] } as const;
    const seen = advance(broken, new Map(), { ...saw, counts: told(1) });
    expect(missing(broken, seen)).toEqual(["handed over to your mail server"]);
    expect(missing(broken, advance(broken, seen, { ...saw, counts: told(2) }))).toEqual([]);
    expect(missing(broken, advance(broken, new Map(), { ...saw, messages: [], counts: told(2) }))).toContain("handed over to your webhook");
    expect(repaired.map(({ name }) => name)).toContain("resolution handed over to your mail server");
    expect(alertPhases(false).broken.map(({ name }) => name)).toEqual(["firing", "delivered to the webhook", "delivered by mail"]);
  });
});
