import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** Why the API server did not take something, or was not reached. What the server itself says stays in its words. */
export const refusal = messages({
  en: {
    terminating: (namespace: string) => `namespace ${namespace} is being deleted`,
    waitGone: (command: string) => `wait until it is gone (${command}), then apply again`,
    shrink: (fields: string) => `a volume cannot shrink: ${fields}`,
    get giveSize() {
      return `give the size that it has; or back its data up, run '${printed("down", "--delete-data")}' and apply again`;
    },
    immutable: (fields: string) => `a field that cannot change was changed: ${fields}`,
    deleteIt: (command: string) => `delete it, then apply again: ${command}`,
    losesData: "this deletes its data: back it up first",
    wouldUpgrade: (from: string, to: string) => `${from} runs here, and ${to} would upgrade its data, from which only a dump leads back`,
    nameSeries: (from: string, series: string) =>
      `make a dump, then set images.mysql in the environment to an image whose tag begins with ${series}; or set images.mysql: ${from} to stay (docs/mysql-upgrade.md)`,
    quota: (command: string) => `raise the quota or ask for less: ${command}`,
    notAllowed: (words: string) => `not allowed: ${words}`,
    otherAccount: "use an account with the right, or have an administrator give it",
    namespaceFirst: "apply the namespace first, or check its name",
    setBy: (field: string, manager: string) => `${field} is set by '${manager}'`,
    get drillCutOff() {
      return `a drill was cut off: '${printed("drill", "--repair")}'`;
    },
    leaveField: "leave the field to that manager, or take it over with --force-conflicts",
    keptBy: (keeper: string) => `${keeper} sets this field: change it there; what --force-conflicts takes over, ${keeper} sets again`,
    setByAutoscaler:
      "a HorizontalPodAutoscaler sets the replicas: turn webapp.autoscaling on, or delete the autoscaler (kubectl -n NAMESPACE get hpa)",
    /** The programs that bring objects into a cluster, by what they are recognised as. */
    keepers: { argo: "Argo CD", flux: "Flux", helm: "Helm", k3s: "k3s' manifests folder" } as Readonly<Record<string, string>>,
    noConnection: (context: string, server: string, why: string) => `context '${context}': no connection to ${server}: ${why}`,
    connection: {
      ECONNREFUSED: ["nothing listens there", "start the cluster, or name another context"],
      ENOTFOUND: ["no such host name", "check the context's server and your network"],
      EAI_AGAIN: ["the host name cannot be looked up", "check your network"],
      ETIMEDOUT: ["no answer in time", "check that the cluster runs and that a VPN or firewall is not between"],
      EHOSTUNREACH: ["the host cannot be reached", "check your network"],
      ENETUNREACH: ["the network cannot be reached", "check your network"],
      ECONNRESET: ["the connection breaks every time", "check that the server is well, and what is between you and it"],
      EPROTO: ["it does not speak TLS as expected", "check the context's server and port"],
      CERT_HAS_EXPIRED: ["its certificate has expired", "renew the cluster's certificates (check the clock of this machine, too)"],
      CERT_NOT_YET_VALID: ["its certificate is not valid yet", "check the clock of this machine"],
      ERR_TLS_CERT_ALTNAME_INVALID: ["its certificate is for another name", "fetch the cluster's kubeconfig anew"],
    } as Readonly<Record<string, readonly [why: string, advice: string]>>,
    untrusted: [
      "its certificate is not from the authority in the kubeconfig",
      "fetch the cluster's kubeconfig anew: it may have been built again",
    ] as readonly [string, string],
    checkServer: "check the context's server",
    credentials: (context: string) =>
      `context '${context}': the cluster does not accept these credentials; they have expired or belong to another cluster`,
    logIn: "log in again (or fetch the kubeconfig anew), then repeat the command",
    again: (what: string, server: string, seconds: string) => `${what} from ${server}, trying again in ${seconds} s`,
  },
  es: {
    terminating: (namespace) => `el namespace ${namespace} se está borrando`,
    waitGone: (command) => `espere a que desaparezca (${command}) y aplique de nuevo`,
    shrink: (fields) => `un volumen no puede encoger: ${fields}`,
    get giveSize() {
      return `dé el tamaño que tiene; o guarde sus datos, ejecute «${printed("down", "--delete-data")}» y aplique de nuevo`;
    },
    immutable: (fields) => `se cambió un campo que no puede cambiar: ${fields}`,
    deleteIt: (command) => `bórrelo y aplique de nuevo: ${command}`,
    losesData: "esto borra sus datos: guárdelos antes",
    wouldUpgrade: (from, to) => `aquí funciona ${from}, y ${to} actualizaría sus datos, de lo que solo se vuelve con un volcado`,
    nameSeries: (from, series) =>
      `haga un volcado y después ponga en images.mysql del entorno una imagen cuya etiqueta empiece con ${series}; o ponga images.mysql: ${from} para quedarse (docs/mysql-upgrade.es.md)`,
    quota: (command) => `aumente la cuota o pida menos: ${command}`,
    notAllowed: (words) => `no permitido: ${words}`,
    otherAccount: "use una cuenta con ese permiso o pídalo a un administrador",
    namespaceFirst: "aplique primero el namespace, o revise su nombre",
    setBy: (field, manager) => `${field} lo fijó «${manager}»`,
    get drillCutOff() {
      return `un simulacro quedó a medias: «${printed("drill", "--repair")}»`;
    },
    leaveField: "deje el campo a ese gestor, o tómelo con --force-conflicts",
    keptBy: (keeper) => `${keeper} fija este campo: cámbielo allí; lo que se toma con --force-conflicts, ${keeper} lo vuelve a fijar`,
    setByAutoscaler:
      "un HorizontalPodAutoscaler fija las réplicas: active webapp.autoscaling, o borre el autoescalador (kubectl -n NAMESPACE get hpa)",
    keepers: { argo: "Argo CD", flux: "Flux", helm: "Helm", k3s: "la carpeta de manifiestos de k3s" },
    noConnection: (context, server, why) => `contexto «${context}»: sin conexión con ${server}: ${why}`,
    connection: {
      ECONNREFUSED: ["allí no escucha nadie", "arranque el clúster o nombre otro contexto"],
      ENOTFOUND: ["ese nombre de máquina no existe", "revise el servidor del contexto y su red"],
      EAI_AGAIN: ["no se puede resolver el nombre de la máquina", "revise su red"],
      ETIMEDOUT: ["no respondió a tiempo", "compruebe que el clúster funciona y que no hay una VPN o un cortafuegos en medio"],
      EHOSTUNREACH: ["la máquina es inalcanzable", "revise su red"],
      ENETUNREACH: ["la red es inalcanzable", "revise su red"],
      ECONNRESET: ["la conexión se rompe siempre", "compruebe que el servidor está bien, y qué hay entre usted y él"],
      EPROTO: ["no habla TLS como se esperaba", "revise el servidor y el puerto del contexto"],
      CERT_HAS_EXPIRED: ["su certificado ha caducado", "renueve los certificados del clúster (y revise el reloj de esta máquina)"],
      CERT_NOT_YET_VALID: ["su certificado aún no es válido", "revise el reloj de esta máquina"],
      ERR_TLS_CERT_ALTNAME_INVALID: ["su certificado es para otro nombre", "obtenga de nuevo el kubeconfig del clúster"],
    },
    untrusted: [
      "su certificado no es de la autoridad del kubeconfig",
      "obtenga de nuevo el kubeconfig del clúster: quizá se construyó otra vez",
    ],
    checkServer: "revise el servidor del contexto",
    credentials: (context) => `contexto «${context}»: el clúster no acepta estas credenciales; han caducado o son de otro clúster`,
    logIn: "inicie sesión de nuevo (u obtenga otra vez el kubeconfig) y repita la orden",
    again: (what, server, seconds) => `${what} de ${server}, se intenta de nuevo en ${seconds} s`,
  },
});
