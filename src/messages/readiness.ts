import { messages } from "../language.ts";

/** How far a workload has come. */
export const readiness = messages({
  en: {
    absent: "it is not in the cluster",
    unseen: "the controller has not seen the change yet",
    updated: (count: number, wanted: number) => `${count} of ${wanted} pods are of the new version`,
    ending: (count: number) => (count === 1 ? "1 old pod is ending" : `${count} old pods are ending`),
    available: (count: number, wanted: number) => `${count} of ${wanted} pods are available`,
    gaveUp: (why: string) => `it gave up: ${why}`,
    again: (failures: number) => `it runs again after ${failures} ${failures === 1 ? "failure" : "failures"}`,
    runs: "it runs",
    pullsImage: (image: string) => `pulling ${image}`,
  },
  es: {
    absent: "no está en el clúster",
    unseen: "el controlador aún no ha visto el cambio",
    updated: (count, wanted) => `${count} de ${wanted} pods son de la versión nueva`,
    ending: (count) => (count === 1 ? "1 pod antiguo está terminando" : `${count} pods antiguos están terminando`),
    available: (count, wanted) => `${count} de ${wanted} pods están disponibles`,
    gaveUp: (why) => `se dio por vencido: ${why}`,
    again: (failures) => `se ejecuta de nuevo tras ${failures} ${failures === 1 ? "fallo" : "fallos"}`,
    runs: "se está ejecutando",
    pullsImage: (image) => `descargando ${image}`,
  },
});
