import { messages } from "../language.ts";

/** The state of a workload's rollout. */
export const readiness = messages({
  en: {
    absent: "not in the cluster",
    unseen: "the controller has not processed the change yet",
    updated: (count: number, wanted: number) => `${count} of ${wanted} pods have the new version`,
    ending: (count: number) => (count === 1 ? "1 old pod is terminating" : `${count} old pods are terminating`),
    available: (count: number, wanted: number) => `${count} of ${wanted} pods are available`,
    gaveUp: (why: string) => `failed: ${why}`,
    again: (failures: number) => `retrying after ${failures} ${failures === 1 ? "failure" : "failures"}`,
    runs: "running",
    pullsImage: (image: string) => `pulling ${image}`,
  },
  es: {
    absent: "no está en el clúster",
    unseen: "el controlador aún no ha procesado el cambio",
    updated: (count, wanted) => `${count} de ${wanted} pods tienen la versión nueva`,
    ending: (count) => (count === 1 ? "1 pod antiguo está terminando" : `${count} pods antiguos están terminando`),
    available: (count, wanted) => `${count} de ${wanted} pods están disponibles`,
    gaveUp: (why) => `falló: ${why}`,
    again: (failures) => `se intenta de nuevo después de ${failures} ${failures === 1 ? "falla" : "fallas"}`,
    runs: "en ejecución",
    pullsImage: (image) => `descargando ${image}`,
  },
});
