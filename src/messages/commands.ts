import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** Messages that several commands share: progress, results, states, questions. */
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
    leftAsItWas: "Objects that were not applied are unchanged; the next apply continues from here.",
    nothingChanged: "the cluster matches the manifests; nothing was changed",
    noDifference: "no difference: the cluster matches the manifests",
    comparedWith: (namespace: string, found: string) =>
      `namespace ${namespace} contains the environment '${found}'; '${printed("up", "--adopt")}' replaces it and keeps its data`,
    will: { created: "will be created", changed: "will be changed", pruned: "will be pruned" } as Readonly<Record<string, string>>,
    // how it stands
    allUp: (count: number) => `all ${count} workloads are ready`,
    notUp: (late: number, count: number) => `${late} of ${count} workloads are not ready`,
    applied: {
      nothing: (environment: string) => `'${environment}' is not deployed in this cluster; deploy it with '${printed("up")}'`,
      removed: (environment: string) => `'${environment}' was removed and its data is kept; '${printed("up")}' brings it back`,
      "in part": () => `an apply or a down was interrupted; '${printed("apply")}' completes the deployment`,
      older: () => `the last apply used different manifests; see '${printed("diff")}'`,
      all: (environment: string) => `the manifests of '${environment}' were applied in full`,
    },
    elsewhere: (count: number, total: number, ways: string) =>
      `${count} of the manifests' ${total} objects are in this cluster; they were applied by ${ways}, not by this program`,
    otherVersion: (names: string) =>
      `no object of the manifests is in this cluster, but other objects with this project's labels are: ${names}`,
    compareThem: () => `'${printed("diff")}' shows whether they match the manifests`,
    absent: (environment: string) => `'${environment}' is not deployed in this cluster`,
    untilCtrlC: "open until Ctrl-C",
    grafanaStarts: "Grafana runs on demand: it starts now and stops at Ctrl-C; the first start takes up to a minute",
    notApplied: (name: string, namespace: string) => `there is no StatefulSet ${name} in namespace ${namespace}`,
    get applyFirst() {
      return `apply the environment first: ${printed("up")}`;
    },
    databaseAt: (host: string, port: number) => `host ${host}, port ${port}, for MySQL Workbench, DBeaver or mysql`,
    databaseAccount: (application: string, user: string, database: string) =>
      `${application}: user ${user}, database ${database}; this command shows the password:`,
    externalDatabase: (server: string) => `the environment's MySQL server is ${server}, outside of the cluster`,
    externalDatabaseAdvice: "connect to it from where it can be reached",
    notNamePort: (pair: string) => `--port ${pair}: expected NAME=PORT`,
    namesAre: (names: string) => `allowed names are ${names}`,
    // up
    notSynthesised: "the manifests could not be written",
    correctAbove: "fix the problems above",
    applicationAt: (addresses: string) => `Application: ${addresses}`,
    ownApplicationAt: (name: string, address: string) => `Application ${name}: ${address}`,
    administrator: "Log in as admin to change users; this command shows the password:",
    grafanaAt: (open: string, address: string) =>
      `Grafana: '${open}', then log in at ${address} as admin; this command shows the password:`,
    next: (status: string) => `Next: '${status}' shows the state of every workload; 'npx cloudnova --help' lists the other commands`,
    solveFirst: "not applied: fix the problems above, or skip these checks with --no-doctor",
    get startIt() {
      return `start it with '${printed("up")}'`;
    },
    // drills
    noDrill: (alert: string, near: string) => `there is no drill for '${alert}'${near}`,
    listDrills: "see 'npx cloudnova drill --list'",
    alertFirst: (alert: string) => `the environment comes before the alert '${alert}'`,
    // questions
    noTerminal: "not confirmed, and there is no terminal for the question",
    addYes: "add --yes to confirm",
    yesNo: "[y/N]",
    typeName: (what: string) => `${what}\nType the environment's name to continue: `,
    otherName: (answer: string, name: string, otherwise: string) => `'${answer}' is not '${name}': ${otherwise}`,
    everything: "all its objects; its data is kept",
    everythingAndData: "all its objects AND ALL ITS DATA",
    deletes: (namespace: string, context: string, what: string) => `Namespace ${namespace} of context '${context}': delete ${what}.`,
    nothingDeleted: "nothing was deleted",
    // what was named
    giveEnvironmentOf: (cluster: string) => `give an environment whose key cluster is ${cluster}`,
    serverNeedsK3s: (environment: string, cluster: string) =>
      `the environment '${environment}' is for ${cluster}; a server is prepared for k3s`,
    noEnvironment: "no environment was given",
    giveName: "give its name, such as 'kind' or 'k3s-ec2', or a target (--target kind), or set CLOUDNOVA_ENV",
    wantsName: "this command deletes or replaces: give the environment's name, such as 'kind' or 'k3s-ec2'",
    severalEnvironments: (names: string) => `this cluster runs several environments: ${names}`,
    noTarget: (name: string, file: string) => `there is no ${name} on this machine (${file})`,
    get makeTarget() {
      return `create it with '${printed("up")}'`;
    },
  },
  es: {
    objects: (count) => (count === 1 ? "1 objeto" : `${count} objetos`),
    outcomes: {
      created: "creado",
      changed: "cambiado",
      pruned: "retirado",
      deleted: "eliminado",
      unchanged: "sin cambios",
      kept: "conservado",
      conflict: "conflicto",
      refused: "rechazado",
      "not applied": "no aplicado",
    },
    counted: (count, outcome) => `${count} ${count === 1 ? outcome : outcome.replace(/[oa]$/, "$&s")}`,
    leftAsItWas: "Los objetos que no se aplicaron quedan como estaban; el próximo apply continúa desde aquí.",
    nothingChanged: "el clúster coincide con los manifiestos; no se cambió nada",
    noDifference: "ninguna diferencia: el clúster coincide con los manifiestos",
    comparedWith: (namespace, found) =>
      `el namespace ${namespace} contiene el entorno «${found}»; «${printed("up", "--adopt")}» lo reemplaza y conserva sus datos`,
    will: { created: "se creará", changed: "se cambiará", pruned: "se retirará" },
    allUp: (count) => `las ${count} cargas de trabajo están listas`,
    notUp: (late, count) => `${late} de ${count} cargas de trabajo no están listas`,
    applied: {
      nothing: (environment) => `«${environment}» no está desplegado en este clúster; despliéguelo con «${printed("up")}»`,
      removed: (environment) => `«${environment}» se retiró y sus datos se conservan; «${printed("up")}» lo trae de vuelta`,
      "in part": () => `un apply o un down se interrumpió; «${printed("apply")}» completa el despliegue`,
      older: () => `el último apply usó otros manifiestos; vea «${printed("diff")}»`,
      all: (environment) => `los manifiestos de «${environment}» se aplicaron por completo`,
    },
    elsewhere: (count, total, ways) =>
      `${count} de los ${total} objetos de los manifiestos están en este clúster; los aplicó ${ways}, no este programa`,
    otherVersion: (names) =>
      `ningún objeto de los manifiestos está en este clúster, pero sí otros objetos con las etiquetas de este proyecto: ${names}`,
    compareThem: () => `«${printed("diff")}» muestra si coinciden con los manifiestos`,
    absent: (environment) => `«${environment}» no está desplegado en este clúster`,
    untilCtrlC: "abierto hasta Ctrl-C",
    grafanaStarts: "Grafana se ejecuta bajo demanda: se inicia ahora y se detiene con Ctrl-C; el primer inicio tarda hasta un minuto",
    notApplied: (name, namespace) => `no hay ningún StatefulSet ${name} en el namespace ${namespace}`,
    get applyFirst() {
      return `aplique primero el entorno: ${printed("up")}`;
    },
    databaseAt: (host, port) => `host ${host}, puerto ${port}, para MySQL Workbench, DBeaver o mysql`,
    databaseAccount: (application, user, database) =>
      `${application}: usuario ${user}, base de datos ${database}; este comando muestra la contraseña:`,
    externalDatabase: (server) => `el servidor MySQL del entorno es ${server}, fuera del clúster`,
    externalDatabaseAdvice: "conéctese desde donde se puede alcanzar",
    notNamePort: (pair) => `--port ${pair}: se esperaba NOMBRE=PUERTO`,
    namesAre: (names) => `los nombres admitidos son ${names}`,
    notSynthesised: "no se pudieron escribir los manifiestos",
    correctAbove: "corrija los problemas indicados arriba",
    applicationAt: (addresses) => `Aplicación: ${addresses}`,
    ownApplicationAt: (name, address) => `Aplicación ${name}: ${address}`,
    administrator: "Inicie sesión como admin para cambiar usuarios; este comando muestra la contraseña:",
    grafanaAt: (open, address) => `Grafana: «${open}», después inicie sesión en ${address} como admin; este comando muestra la contraseña:`,
    next: (status) => `Después: «${status}» muestra el estado de cada carga de trabajo; «npx cloudnova --help» enumera los demás comandos`,
    solveFirst: "no aplicado: resuelva los problemas de arriba, u omita estas comprobaciones con --no-doctor",
    get startIt() {
      return `inícielo con «${printed("up")}»`;
    },
    noDrill: (alert, near) => `no hay ningún simulacro para «${alert}»${near}`,
    listDrills: "vea «npx cloudnova drill --list»",
    alertFirst: (alert) => `el entorno va antes de la alerta «${alert}»`,
    noTerminal: "sin confirmar, y no hay una terminal para preguntar",
    addYes: "agregue --yes para confirmar",
    yesNo: "[s/N]",
    typeName: (what) => `${what}\nEscriba el nombre del entorno para continuar: `,
    otherName: (answer, name, otherwise) => `«${answer}» no es «${name}»: ${otherwise}`,
    everything: "todos sus objetos; sus datos se conservan",
    everythingAndData: "todos sus objetos Y TODOS SUS DATOS",
    deletes: (namespace, context, what) => `Namespace ${namespace} del contexto «${context}»: eliminar ${what}.`,
    nothingDeleted: "no se eliminó nada",
    giveEnvironmentOf: (cluster) => `indique un entorno cuya clave cluster sea ${cluster}`,
    serverNeedsK3s: (environment, cluster) => `el entorno «${environment}» es para ${cluster}; un servidor se prepara para k3s`,
    noEnvironment: "no se indicó ningún entorno",
    giveName: "indique su nombre, como «kind» o «k3s-ec2», o un destino (--target kind), o defina CLOUDNOVA_ENV",
    wantsName: "este comando elimina o reemplaza: indique el nombre del entorno, como «kind» o «k3s-ec2»",
    severalEnvironments: (names) => `este clúster tiene varios entornos: ${names}`,
    noTarget: (name, file) => `no hay ${name} en esta máquina (${file})`,
    get makeTarget() {
      return `créelo con «${printed("up")}»`;
    },
  },
});
