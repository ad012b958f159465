import fc from "fast-check";
import type { Config } from "../../src/config/resolve.ts";
import { clock, durationBetween, mailAddress, server, timeZone } from "./values.ts";

const severities = fc.uniqueArray(fc.constantFrom("critical", "warning", "info"), { minLength: 1 });
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** Any combination of the keys of a mail receiver, each of them right by itself. */
export const anyMail = fc.record(
  {
    smarthost: server,
    from: mailAddress,
    to: fc.array(mailAddress, { minLength: 1, maxLength: 3 }),
    user: fc.stringMatching(/^[A-Za-z0-9+/=@. ñ]{1,30}$/),
    requireTls: fc.boolean(),
    privateCa: fc.boolean(),
    severities,
  },
  { requiredKeys: ["smarthost", "from", "to"] },
);

interface Mail {
  readonly smarthost: string;
  readonly user?: string;
  readonly requireTls?: boolean;
  readonly privateCa?: boolean;
}

/** Whether Alertmanager can deliver: it sends no password without TLS, which port 465 has from the start. */
export const canDeliver = ({ smarthost, user, requireTls = true, privateCa = false }: Mail): boolean =>
  requireTls || smarthost.endsWith(":465") || (user === undefined && !privateCa);

/** Sections `alerting` that the schema and the rules allow, each key sometimes left to its default. */
export const alerting = fc.record(
  {
    mail: anyMail.filter(canDeliver),
    slack: fc.record(
      { channel: fc.oneof(fc.constantFrom("#alerts", "@me", "C0123"), fc.stringMatching(/^#[a-zñ_.-]{1,80}$/)), severities },
      { requiredKeys: ["channel"] },
    ),
    telegram: fc.record(
      {
        chat: fc.oneof(
          fc.constantFrom(42, -1_001_234_567_890),
          fc.maxSafeInteger().filter((chat) => chat !== 0),
        ),
        severities,
      },
      { requiredKeys: ["chat"] },
    ),
    webhook: fc.record({ port: fc.integer({ min: 1, max: 65_535 }), severities }, { requiredKeys: [] }),
    heartbeat: fc.record({ every: durationBetween(10, 86_400), port: fc.integer({ min: 1, max: 65_535 }) }, { requiredKeys: [] }),
    repeat: fc.record(
      { critical: durationBetween(300, 432_000), warning: durationBetween(300, 432_000), info: durationBetween(300, 432_000) },
      { requiredKeys: [] },
    ),
    quiet: fc.array(
      fc
        .record({ from: clock, to: clock, days: fc.subarray(DAYS, { minLength: 1 }) }, { requiredKeys: ["from", "to"] })
        .filter(({ from, to }) => from !== to && from !== "24:00"),
      { maxLength: 3 },
    ),
    timeZone,
    grafana: fc.constantFrom("https://grafana.example.com", "http://localhost:3000/grafana", "http://10.0.0.7:65535"),
  } satisfies Record<keyof Config["alerting"], fc.Arbitrary<unknown>>,
  { requiredKeys: [] },
);
