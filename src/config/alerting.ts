import { z } from "zod";
import type { Text } from "../language.ts";
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
  .meta({ en: "Severities that it receives", es: "Gravedades que recibe" });

const repeat = (every: string, what: Text) =>
  duration.default(every).meta({ en: `How often ${what.en} that goes on is sent again`, es: `Cada cuánto se repite ${what.es} que sigue` });

const quiet = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .refine(each, must("days"))
      .default([...DAYS])
      .meta({ en: "Days on which it begins", es: "Días en los que empieza" }),
    from: clock.meta({ en: "When it begins", es: "Cuándo empieza" }),
    to: clock.meta({
      en: "When it ends; on the next day when that is before from",
      es: "Cuándo termina; al día siguiente si es antes de from",
    }),
  })
  .meta({ en: "A time in which only critical alerts are sent", es: "Un tiempo en el que solo se notifican las alertas críticas" });

/**
 * The alert receivers. No secret is among the keys: passwords, tokens and addresses that are secrets themselves (Slack's,
 * a webhook's) are read from a Secret that the user brings.
 */
export const alerting = z
  .strictObject({
    mail: z
      .strictObject({
        smarthost: server.meta({
          en: "Mail server with its port; 465 means TLS from the start, others STARTTLS",
          es: "Servidor de correo con su puerto; 465 significa TLS desde el comienzo, los demás STARTTLS",
        }),
        from: mailAddress.meta({ en: "Sender", es: "Remitente" }),
        to: z.array(mailAddress).min(1).max(20).meta({ en: "Who gets it", es: "Quién lo recibe" }),
        user: z
          .string()
          .min(1)
          .max(255)
          .regex(/^\P{Cc}*$/u, must("account"))
          .optional()
          .meta({
            en: "Account on the server; its password is the Secret's key smtp-password",
            es: "Cuenta en el servidor; su contraseña es la clave smtp-password del Secret",
          }),
        requireTls: z.boolean().default(true).meta({
          en: "Refuse a server without TLS; false only for one in your own network, and without an account",
          es: "Rechazar un servidor sin TLS; false solo para uno de su propia red, y sin cuenta",
        }),
        privateCa: z.boolean().default(false).meta({
          en: "Trust your own CA for the server's certificate: its certificate (PEM) is the Secret's key smtp-ca.crt",
          es: "Confiar en su propia CA para el certificado del servidor: el certificado de la CA (PEM) es la clave smtp-ca.crt del Secret",
        }),
        severities,
      })
      .optional()
      .meta({ en: "Mail. Default: none", es: "Correo. Por defecto: ninguno" }),
    slack: z
      .strictObject({
        channel: z
          .string()
          .regex(/^[#@]?[\p{L}\p{M}\p{N}_.-]{1,80}$/u, must("channel"))
          .meta({
            en: "Channel, such as \"#alerts\"; the webhook's address is the Secret's key slack-url",
            es: 'Canal, como "#alerts"; la dirección del webhook es la clave slack-url del Secret',
          }),
        severities,
      })
      .optional()
      .meta({ en: "Slack. Default: none", es: "Slack. Por defecto: ninguno" }),
    telegram: z
      .strictObject({
        chat: z
          .int()
          .refine((id) => id !== 0, must("chat"))
          .meta({
            en: "The chat's number, negative for a group; the bot's token is the Secret's key telegram-token",
            es: "Número del chat, negativo para un grupo; el token del bot es la clave telegram-token del Secret",
          }),
        severities,
      })
      .optional()
      .meta({ en: "Telegram. Default: none", es: "Telegram. Por defecto: ninguno" }),
    webhook: z
      .strictObject({
        port: port.default(443).meta({
          en: "Port of its address, which is the Secret's key webhook-url; the NetworkPolicy opens it",
          es: "Puerto de su dirección, que es la clave webhook-url del Secret; la NetworkPolicy lo abre",
        }),
        severities,
      })
      .optional()
      .meta({
        en: "Alertmanager's JSON, posted to any address. Default: none",
        es: "El JSON de Alertmanager, enviado a cualquier dirección. Por defecto: ninguno",
      }),
    heartbeat: z
      .strictObject({
        every: duration.default("5m").meta({
          en: "How often it is sent; let that service notify you after twice that",
          es: "Cada cuánto se envía; afuera, avise al doble de ese tiempo",
        }),
        port: port.default(443).meta({
          en: "Port of its address, which is the Secret's key heartbeat-url; the NetworkPolicy opens it",
          es: "Puerto de su dirección, que es la clave heartbeat-url del Secret; la NetworkPolicy lo abre",
        }),
      })
      .optional()
      .meta({
        en: "Heartbeat: an outside service that notifies you when it no longer arrives. Default: none",
        es: "Señal de vida: un servicio externo que avisa cuando deja de llegar. Por defecto: ninguno",
      }),
    repeat: z
      .strictObject({
        critical: repeat("1h", { en: "a critical alert", es: "una alerta crítica" }),
        warning: repeat("12h", { en: "a warning", es: "una advertencia" }),
        info: repeat("1d", { en: "an info", es: "un aviso informativo" }),
      })
      .prefault({})
      .meta({ en: "Reminders", es: "Recordatorios" }),
    quiet: z.array(quiet).max(10).default([]).meta({ en: "Quiet hours", es: "Horas de silencio" }),
    timeZone: timeZone.default("UTC").meta({
      en: "Time zone of quiet hours and of the times in messages, such as America/Bogota",
      es: "Zona horaria de las horas de silencio y de las horas en los mensajes, como America/Bogota",
    }),
    grafana: webAddress.optional().meta({
      en: "Address of Grafana in messages. Default: http://localhost with the port under open, or 3000",
      es: "Dirección de Grafana en los mensajes. Por defecto: http://localhost con el puerto de open, o 3000",
    }),
  })
  .prefault({})
  .meta({
    en: "Receivers of alerts; without one nobody is notified",
    es: "Receptores de las alertas; sin ninguno, nadie recibe una notificación",
  });
