import { messages } from "../language.ts";

/** The last line of a command that failed or was interrupted. */
export const run = messages({
  en: {
    error: "error:",
    interrupted: "interrupted; run the same command again to continue from here",
    fault: "this is a bug in cloudnova; CLOUDNOVA_DEBUG=1 shows the stack trace",
  },
  es: {
    error: "error:",
    interrupted: "interrumpido; repita el mismo comando para continuar desde aquí",
    fault: "es un error de cloudnova; CLOUDNOVA_DEBUG=1 muestra el stack trace",
  },
});
