import fc from "fast-check";

const severities = fc.uniqueArray(fc.constantFrom("critical", "warning", "info"), { minLength: 1 });
const time = fc.constantFrom("00:00", "06:30", "22:00", "23:59");
/** Sections `alerting` that the schema and the rules allow, each key sometimes left to its default. */
export const alerting = fc.record(
  {
    mail: fc.record(
      {
        smarthost: fc.constantFrom("smtp.example.com:587", "10.0.0.7:25"),
        from: fc.constant("from@example.com"),
        to: fc.constant(["to@example.com", "other@example.com"]),
        user: fc.stringMatching(/^[A-Za-z0-9+/=@. ]{1,30}$/),
        requireTls: fc.boolean(),
        severities,
      },
      { requiredKeys: ["smarthost", "from", "to"] },
    ),
    slack: fc.record({ channel: fc.constantFrom("#alerts", "@me", "C0123"), severities }, { requiredKeys: ["channel"] }),
    telegram: fc.record({ chat: fc.constantFrom(42, -1_001_234_567_890), severities }, { requiredKeys: ["chat"] }),
    webhook: fc.record({ port: fc.integer({ min: 1, max: 65_535 }), severities }, { requiredKeys: [] }),
    heartbeat: fc.record({ every: fc.constantFrom("10s", "1m", "5m"), port: fc.constant(8443) }, { requiredKeys: [] }),
    repeat: fc.record({ critical: fc.constantFrom("5m", "1h"), info: fc.constant("5d") }, { requiredKeys: [] }),
    quiet: fc.array(
      fc.record(
        { from: time, to: fc.constantFrom("00:01", "07:00", "24:00"), days: fc.subarray(["monday", "sunday"], { minLength: 1 }) },
        { requiredKeys: ["from", "to"] },
      ),
      { maxLength: 3 },
    ),
    timeZone: fc.constantFrom("UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires"),
    grafana: fc.constantFrom("https://grafana.example.com", "http://localhost:3000/grafana"),
  },
  { requiredKeys: [] },
);
