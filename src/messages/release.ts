import { messages } from "../language.ts";
import { printed } from "../printed.ts";

type Named = "canary" | "stable";
const share = (bad: number, of: number) => `${((100 * bad) / of).toFixed(1)} %`;
const milliseconds = (seconds: number | undefined) => (seconds === undefined ? "–" : `${Math.round(seconds * 1000)} ms`);

const EN: Readonly<Record<Named, string>> = { canary: "new version", stable: "running version" };
const ES: Readonly<Record<Named, string>> = { canary: "versión nueva", stable: "versión actual" };

/** What `cloudnova release` prints. */
export const release = messages({
  en: {
    // refusals
    inProgress: (application: string, since: string) => `a release of ${application} is in progress since ${since}`,
    waitOrUndo: () => `wait for its end, or undo it: ${printed("release", "--undo")}`,
    noTraefik: "the manifests hold no file of Traefik's, by which a release divides the requests",
    noneReleasable: "the manifests hold no application that answers requests",
    noSuch: (name: string, names: string) => `'${name}' is no application of these manifests that answers requests; they are: ${names}`,
    several: (names: string) => `the manifests have a new version of more than one application: ${names}`,
    oneByOne: "a release judges one at a time: change one of them, release it, then the next",
    nothing: (names: string) => `no new version: the pods of ${names} are as the manifests say`,
    useApply: () => `for everything else: ${printed("apply")}`,
    notApplied: (name: string) => `${name} does not run yet: there is nothing to compare a new version with`,
    applyFirst: () => `start it first: ${printed("up")}`,
    conflict: (name: string, said: string) => `Deployment ${name}: ${said}`,
    rollout: (name: string) => `the pods of ${name} are not all of one version: a roll-out is under way, or has stopped`,
    seeStatus: () => `see ${printed("status")}`,
    otherWeight: "--weight: a share from 1 to 50, in %",
    noPrometheus: (why: string) => `Prometheus does not answer, so nothing would judge the new version; nothing was changed: ${why}`,
    notRead: (seconds: number) => `Traefik has not read the release's file within ${seconds} s`,
    notEnded: (name: string, seconds: number) => `the pod of ${name} has not ended within ${seconds} s`,
    again: () => `visitors get the version from before; run the same command again, or ${printed("release", "--undo")}`,
    // progress
    finishing: (application: string) => `an earlier release of ${application} was found good and then cut off: finishing it`,
    undoing: (application: string) => `an earlier release of ${application} was cut off: undoing it`,
    starting: (application: string, weight: number, seconds: number) =>
      `${application}: the new version starts beside the running one, gets ${weight} % of the requests, and is judged after ${seconds} s`,
    ready: (application: string) => `${application}: the new version is ready`,
    judging: (seconds: number, requests: number, errors: number) =>
      `${seconds} s: the new version has answered ${requests} requests, ${errors} with errors of the server`,
    loading: (count: number) => `too few requests of visitors: sending ${count} to pages that only read`,
    takingAway: "the running version gets all requests again; the new one's pod ends",
    applying: "the new version is good: applying the manifests",
    interrupted: "interrupted: undoing the release",
    // report
    promoted: (application: string) => `${application}: promoted. All pods have the new version`,
    undone: (application: string) => `${application}: undone. The version from before answers all requests`,
    notUp: (application: string) => `${application}: the new version was good, but its pods are not all ready after the apply`,
    undoneNothing: "no release is in progress",
    notStarted: (seconds: number) => `the new version was not ready within ${seconds} s`,
    errors: (who: Named, bad: number, of: number, budget: number) =>
      `${EN[who]}: ${bad} of ${of} answers are errors of the server (${share(bad, of)}; the objective allows ${100 * budget} %)`,
    slow: (who: Named, bad: number, of: number, budget: number) =>
      `${EN[who]}: ${bad} of ${of} answers are slower than the objective (${share(bad, of)}; it allows ${100 * budget} %)`,
    slower: (p95: number, than: number) =>
      `new version: 95 % of the answers within ${milliseconds(p95)}, of the running version within ${milliseconds(than)}`,
    tooFew: (requests: number, least: number) => `too few requests to judge: ${requests} of at least ${least}`,
    noData: (seconds: number, why: string) => `Prometheus has given no figures for ${seconds} s (${why}): without them nothing is promoted`,
    figures: (who: Named, requests: number, errors: number, p95: number | undefined, p99: number | undefined) =>
      `  ${EN[who]}: ${requests} requests, ${errors} errors, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}`,
    synthetic: (count: number) => `  ${count} requests were the release's own: visitors sent too few`,
    // status
    underway: (application: string, since: string, weight: number) =>
      `A release of ${application} is in progress since ${since}: its new version gets ${weight} % of the requests`,
    promoting: (application: string, since: string) => `A release of ${application}, begun ${since}, is being applied`,
  },
  es: {
    inProgress: (application: string, since: string) => `hay una publicación de ${application} en curso desde ${since}`,
    waitOrUndo: () => `espere a que termine, o deshágala: ${printed("release", "--undo")}`,
    noTraefik: "los manifiestos no tienen ningún archivo de Traefik, con el que una publicación reparte las peticiones",
    noneReleasable: "los manifiestos no tienen ninguna aplicación que responda peticiones",
    noSuch: (name: string, names: string) => `«${name}» no es una aplicación de estos manifiestos que responda peticiones; son: ${names}`,
    several: (names: string) => `los manifiestos tienen una versión nueva de más de una aplicación: ${names}`,
    oneByOne: "una publicación evalúa una a la vez: cambie una, publíquela, y luego la siguiente",
    nothing: (names: string) => `no hay versión nueva: los pods de ${names} están como dicen los manifiestos`,
    useApply: () => `para todo lo demás: ${printed("apply")}`,
    notApplied: (name: string) => `${name} aún no está en ejecución: no hay con qué comparar una versión nueva`,
    applyFirst: () => `iníciela primero: ${printed("up")}`,
    conflict: (name: string, said: string) => `Deployment ${name}: ${said}`,
    rollout: (name: string) => `los pods de ${name} no son todos de una misma versión: hay un despliegue en curso, o se detuvo`,
    seeStatus: () => `vea ${printed("status")}`,
    otherWeight: "--weight: una proporción de 1 a 50, en %",
    noPrometheus: (why: string) => `Prometheus no responde, así que nada evaluaría la versión nueva; no se cambió nada: ${why}`,
    notRead: (seconds: number) => `Traefik no leyó el archivo de la publicación en ${seconds} s`,
    notEnded: (name: string, seconds: number) => `el pod de ${name} no terminó en ${seconds} s`,
    again: () => `los visitantes reciben la versión anterior; ejecute otra vez el mismo comando, o ${printed("release", "--undo")}`,
    finishing: (application: string) => `una publicación anterior de ${application} resultó buena y se interrumpió: se termina`,
    undoing: (application: string) => `una publicación anterior de ${application} se interrumpió: se deshace`,
    starting: (application: string, weight: number, seconds: number) =>
      `${application}: la versión nueva se inicia junto a la actual, recibe el ${weight} % de las peticiones y se evalúa después de ${seconds} s`,
    ready: (application: string) => `${application}: la versión nueva está lista`,
    judging: (seconds: number, requests: number, errors: number) =>
      `${seconds} s: la versión nueva respondió ${requests} peticiones, ${errors} con errores del servidor`,
    loading: (count: number) => `muy pocas peticiones de visitantes: se envían ${count} a páginas que solo leen`,
    takingAway: "la versión actual recibe otra vez todas las peticiones; el pod de la nueva termina",
    applying: "la versión nueva es buena: se aplican los manifiestos",
    interrupted: "interrumpida: se deshace la publicación",
    promoted: (application: string) => `${application}: publicada. Todos los pods tienen la versión nueva`,
    undone: (application: string) => `${application}: deshecha. La versión anterior responde todas las peticiones`,
    notUp: (application: string) =>
      `${application}: la versión nueva resultó buena, pero no todos sus pods están listos después de aplicarla`,
    undoneNothing: "no hay ninguna publicación en curso",
    notStarted: (seconds: number) => `la versión nueva no estuvo lista en ${seconds} s`,
    errors: (who: Named, bad: number, of: number, budget: number) =>
      `${ES[who]}: ${bad} de ${of} respuestas son errores del servidor (${share(bad, of)}; el objetivo permite ${100 * budget} %)`,
    slow: (who: Named, bad: number, of: number, budget: number) =>
      `${ES[who]}: ${bad} de ${of} respuestas son más lentas que el objetivo (${share(bad, of)}; permite ${100 * budget} %)`,
    slower: (p95: number, than: number) =>
      `versión nueva: 95 % de las respuestas en ${milliseconds(p95)}, de la versión actual en ${milliseconds(than)}`,
    tooFew: (requests: number, least: number) => `muy pocas peticiones para evaluar: ${requests} de al menos ${least}`,
    noData: (seconds: number, why: string) => `Prometheus no dio cifras durante ${seconds} s (${why}): sin ellas no se publica nada`,
    figures: (who: Named, requests: number, errors: number, p95: number | undefined, p99: number | undefined) =>
      `  ${ES[who]}: ${requests} peticiones, ${errors} errores, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}`,
    synthetic: (count: number) => `  ${count} peticiones fueron de la propia publicación: los visitantes enviaron muy pocas`,
    underway: (application: string, since: string, weight: number) =>
      `Hay una publicación de ${application} en curso desde ${since}: su versión nueva recibe el ${weight} % de las peticiones`,
    promoting: (application: string, since: string) => `La publicación de ${application}, empezada ${since}, se está aplicando`,
  },
});
