import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** What the commands say of the whole: progress, results, states, questions. */
export const commands = messages({
  en: {
    // results
    objects: (count: number) => (count === 1 ? "1 object" : `${count} objects`),
    outcomes: {
      created: "created",
      changed: "changed",
      pruned: "pruned",
      deleted: "deleted",
      unchanged: "unchanged",
      kept: "kept",
      conflict: "conflict",
      refused: "refused",
      "not applied": "not applied",
    } as Readonly<Record<string, string>>,
    counted: (count: number, outcome: string) => `${count} ${outcome}`,
    leftAsItWas: "What is not applied is left as it was; the next apply goes on from here.",
    nothingChanged: "the cluster is as the manifests say, nothing was changed",
    noDifference: "no difference: the cluster is as the manifests say",
    will: { created: "will be created", changed: "will be changed", pruned: "will be pruned" } as Readonly<Record<string, string>>,
    // how it stands
    allUp: (count: number) => `all ${count} workloads are up`,
    notUp: (late: number, count: number) => `${late} of ${count} workloads are not up`,
    applied: {
      nothing: (environment: string) => `nothing of '${environment}' is in this cluster; bring it there with '${printed("up")}'`,
      "in part": () => `an apply was interrupted, or all was taken down; '${printed("apply")}' completes it`,
      older: () => `other manifests were applied last; see '${printed("diff")}'`,
      all: (environment: string) => `the manifests of '${environment}' were applied in full`,
    },
    elsewhere: (count: number, total: number, ways: string) =>
      `${count} of the manifests' ${total} objects are in this cluster; what brought them is ${ways}, not this program's apply`,
    otherVersion: (names: string) =>
      `nothing that the manifests name is in this cluster, but other objects with this project's labels are: ${names}`,
    compareThem: () => `whether they are as the manifests say is shown by '${printed("diff")}'`,
    absent: (environment: string) => `nothing of '${environment}' is in this cluster`,
    untilCtrlC: "open until Ctrl-C",
    grafanaStarts: "Grafana runs on demand: it starts now, and stops at Ctrl-C; the first start takes up to a minute",
    notApplied: (name: string, namespace: string) => `there is no StatefulSet ${name} in namespace ${namespace}`,
    get applyFirst() {
      return `apply the environment first: ${printed("up")}`;
    },
    notNamePort: (pair: string) => `--port ${pair}: not NAME=PORT`,
    namesAre: (names: string) => `names are ${names}`,
    // up
    notSynthesised: "the manifests could not be written",
    correctAbove: "correct what is named above",
    applicationAt: (addresses: string) => `The application: ${addresses}`,
    administrator: "To change users there, log in as admin; this shows the password:",
    grafanaAt: (open: string, address: string) => `Grafana: '${open}', then ${address} as admin; this shows the password:`,
    next: (status: string) => `Next: '${status}' shows how everything is; 'npm run cloudnova -- --help' lists the other commands`,
    solveFirst: "not applied: solve the problems above, or go on regardless with --no-doctor",
    get startIt() {
      return `start it with '${printed("up")}'`;
    },
    // drills
    noDrill: (alert: string, near: string) => `there is no drill of '${alert}'${near}`,
    listDrills: "see 'npm run cloudnova -- drill --list'",
    alertFirst: (alert: string) => `the environment comes before the alert '${alert}'`,
    // questions
    noTerminal: "not confirmed, and there is no terminal to ask on",
    addYes: "add --yes if you mean it",
    typeName: (what: string) => `${what}\nType the environment's name to go on: `,
    otherName: (answer: string, name: string, otherwise: string) => `'${answer}' is not '${name}': ${otherwise}`,
    everything: "everything of it; its data stays",
    everythingAndData: "everything of it AND ALL ITS DATA",
    deletes: (namespace: string, context: string, what: string) => `Namespace ${namespace} of context '${context}': delete ${what}.`,
    nothingDeleted: "nothing was deleted",
    // what was named
    noEnvironment: "no environment was named",
    giveName: "give its name, such as 'kind' or 'k3s-ec2', or a target (--target kind), or set CLOUDNOVA_ENV",
    wantsName: "this command deletes or replaces: give the environment's name, such as 'kind' or 'k3s-ec2'",
    severalEnvironments: (names: string) => `this cluster runs several environments: ${names}`,
    noTarget: (name: string, file: string) => `there is no ${name} on this machine (${file})`,
    get makeTarget() {
      return `make it with '${printed("up")}'`;
    },
  },
  es: {
    objects: (count) => (count === 1 ? "1 objeto" : `${count} objetos`),
    outcomes: {
      created: "creado",
      changed: "cambiado",
      pruned: "podado",
      deleted: "borrado",
      unchanged: "igual",
      kept: "conservado",
      conflict: "conflicto",
      refused: "rechazado",
      "not applied": "no aplicado",
    },
    counted: (count, outcome) => `${count} ${count === 1 ? outcome : outcome.replace(/[oa]\b/g, "$&s").replace("igual", "iguales")}`,
    leftAsItWas: "Lo que no se aplicó queda como estaba; el próximo apply continúa desde aquí.",
    nothingChanged: "el clúster está como dicen los manifiestos, no se cambió nada",
    noDifference: "ninguna diferencia: el clúster está como dicen los manifiestos",
    will: { created: "se creará", changed: "se cambiará", pruned: "se podará" },
    allUp: (count) => `las ${count} cargas de trabajo están en marcha`,
    notUp: (late, count) => `${late} de ${count} cargas de trabajo no están en marcha`,
    applied: {
      nothing: (environment) => `no hay nada de «${environment}» en este clúster; llévelo allí con «${printed("up")}»`,
      "in part": () => `un apply se interrumpió, o se retiró todo; «${printed("apply")}» lo completa`,
      older: () => `lo último que se aplicó fueron otros manifiestos; vea «${printed("diff")}»`,
      all: (environment) => `los manifiestos de «${environment}» se aplicaron por completo`,
    },
    elsewhere: (count, total, ways) =>
      `${count} de los ${total} objetos de los manifiestos están en este clúster; los trajo ${ways}, no el apply de este programa`,
    otherVersion: (names) =>
      `nada de lo que nombran los manifiestos está en este clúster, pero sí otros objetos con las etiquetas de este proyecto: ${names}`,
    compareThem: () => `si están como dicen los manifiestos, lo muestra «${printed("diff")}»`,
    absent: (environment) => `no hay nada de «${environment}» en este clúster`,
    untilCtrlC: "abierto hasta Ctrl-C",
    grafanaStarts: "Grafana se ejecuta bajo demanda: se inicia ahora y se detiene con Ctrl-C; el primer inicio tarda hasta un minuto",
    notApplied: (name, namespace) => `no hay ningún StatefulSet ${name} en el namespace ${namespace}`,
    get applyFirst() {
      return `aplique primero el entorno: ${printed("up")}`;
    },
    notNamePort: (pair) => `--port ${pair}: no es NOMBRE=PUERTO`,
    namesAre: (names) => `los nombres son ${names}`,
    notSynthesised: "no se pudieron escribir los manifiestos",
    correctAbove: "corrija lo que se nombra arriba",
    applicationAt: (addresses) => `La aplicación: ${addresses}`,
    administrator: "Para cambiar usuarios allí, inicie sesión como admin; esto muestra la contraseña:",
    grafanaAt: (open, address) => `Grafana: «${open}», después ${address} como admin; esto muestra la contraseña:`,
    next: (status) => `Después: «${status}» muestra cómo está todo; «npm run cloudnova -- --help» enumera las demás órdenes`,
    solveFirst: "no aplicado: resuelva los problemas de arriba, o continúe de todos modos con --no-doctor",
    get startIt() {
      return `arránquelo con «${printed("up")}»`;
    },
    noDrill: (alert, near) => `no hay ningún simulacro de «${alert}»${near}`,
    listDrills: "vea «npm run cloudnova -- drill --list»",
    alertFirst: (alert) => `el entorno va antes de la alerta «${alert}»`,
    noTerminal: "sin confirmar, y no hay terminal en la que preguntar",
    addYes: "añada --yes si está seguro",
    typeName: (what) => `${what}\nEscriba el nombre del entorno para continuar: `,
    otherName: (answer, name, otherwise) => `«${answer}» no es «${name}»: ${otherwise}`,
    everything: "todo lo suyo; sus datos se quedan",
    everythingAndData: "todo lo suyo Y TODOS SUS DATOS",
    deletes: (namespace, context, what) => `Namespace ${namespace} del contexto «${context}»: borrar ${what}.`,
    nothingDeleted: "no se borró nada",
    noEnvironment: "no se nombró ningún entorno",
    giveName: "dé su nombre, como «kind» o «k3s-ec2», o un destino (--target kind), o defina CLOUDNOVA_ENV",
    wantsName: "esta orden borra o reemplaza: dé el nombre del entorno, como «kind» o «k3s-ec2»",
    severalEnvironments: (names) => `este clúster tiene varios entornos: ${names}`,
    noTarget: (name, file) => `no hay ${name} en esta máquina (${file})`,
    get makeTarget() {
      return `créelo con «${printed("up")}»`;
    },
  },
});
