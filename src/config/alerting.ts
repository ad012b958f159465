import { z } from "zod";
import { clock, duration, mailAddress, must, port, server, timeZone, webAddress } from "./units.ts";

/** What alerts are labelled with, the worst first; `none` beside them is the Watchdog's. */
export const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** In the words of Alertmanager's time intervals. */
export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const each = <T>(values: readonly T[]) => new Set(values).size === values.length;

const severities = z
  .array(z.enum(SEVERITIES))
  .min(1)
  .refine(each, must("severities"))
  .default(["critical", "warning"])
  .describe("Severities that it is told of");

const repeat = (every: string, what: string) => duration.default(every).describe(`How often ${what} that goes on is told again`);

const quiet = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .refine(each, must("days"))
      .default([...DAYS])
      .describe("Days on which it begins"),
    from: clock.describe("When it begins"),
    to: clock.describe("When it ends; on the next day when that is before from"),
  })
  .describe("A time in which only critical alerts are told");

/**
 * Who is told of alerts. No secret is among the keys: passwords, tokens and addresses that are secrets themselves (Slack's,
 * a webhook's) are read from a Secret that the user brings.
 */
export const alerting = z
  .strictObject({
    mail: z
      .strictObject({
        smarthost: server.describe("Mail server with its port; 465 means TLS from the start, others STARTTLS"),
        from: mailAddress.describe("Sender"),
        to: z.array(mailAddress).min(1).max(20).describe("Who gets it"),
        user: z
          .string()
          .min(1)
          .max(255)
          .regex(/^\P{Cc}*$/u, must("account"))
          .optional()
          .describe("Account on the server; its password is the Secret's key smtp-password"),
        requireTls: z
          .boolean()
          .default(true)
          .describe("Refuse a server without TLS; false only for one in your own network, and without an account"),
        privateCa: z
          .boolean()
          .default(false)
          .describe("Trust your own CA for the server's certificate: its certificate (PEM) is the Secret's key smtp-ca.crt"),
        severities,
      })
      .optional()
      .describe("Mail. Default: none"),
    slack: z
      .strictObject({
        channel: z
          .string()
          .regex(/^[#@]?[\p{L}\p{M}\p{N}_.-]{1,80}$/u, must("channel"))
          .describe("Channel, such as \"#alerts\"; the webhook's address is the Secret's key slack-url"),
        severities,
      })
      .optional()
      .describe("Slack. Default: none"),
    telegram: z
      .strictObject({
        chat: z
          .int()
          .refine((id) => id !== 0, must("chat"))
          .describe("The chat's number, negative for a group; the bot's token is the Secret's key telegram-token"),
        severities,
      })
      .optional()
      .describe("Telegram. Default: none"),
    webhook: z
      .strictObject({
        port: port.default(443).describe("Port of its address, which is the Secret's key webhook-url; the NetworkPolicy opens it"),
        severities,
      })
      .optional()
      .describe("Alertmanager's JSON, posted to any address. Default: none"),
    heartbeat: z
      .strictObject({
        every: duration.default("5m").describe("How often it is sent; raise the alarm outside after twice that"),
        port: port.default(443).describe("Port of its address, which is the Secret's key heartbeat-url; the NetworkPolicy opens it"),
      })
      .optional()
      .describe("Dead-man's switch: a service outside that raises the alarm when nothing comes any more. Default: none"),
    repeat: z
      .strictObject({
        critical: repeat("1h", "a critical alert"),
        warning: repeat("12h", "a warning"),
        info: repeat("1d", "an info"),
      })
      .prefault({})
      .describe("Reminders"),
    quiet: z.array(quiet).max(10).default([]).describe("Quiet hours"),
    timeZone: timeZone.default("UTC").describe("Time zone of quiet hours and of the times in messages, such as Europe/Madrid"),
    grafana: webAddress.optional().describe("Address of Grafana in messages. Default: http://localhost with the port under open, or 3000"),
  })
  .prefault({})
  .describe("Who is told of alerts; without a receiver nobody is");
