import { messages } from "../language.ts";

/** What ends a command that did not go well. */
export const run = messages({
  en: {
    error: "error:",
    interrupted: "interrupted; run the same command again to go on from here",
    fault: "this is a fault of cloudnova itself; CLOUDNOVA_DEBUG=1 shows where",
  },
  es: {
    error: "error:",
    interrupted: "interrumpido; repita la misma orden para continuar desde aquí",
    fault: "es un fallo del propio cloudnova; CLOUDNOVA_DEBUG=1 muestra dónde",
  },
});
