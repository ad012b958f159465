import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** Why the API server rejected a request or was not reached. The server's own messages are not translated. */
export const refusal = messages({
  en: {
    terminating: (namespace: string) => `namespace ${namespace} is being deleted`,
    waitGone: (command: string) => `wait until it is deleted (${command}), then apply again`,
    shrink: (fields: string) => `a volume cannot shrink: ${fields}`,
    get giveSize() {
      return `keep its current size; or make a backup that your own key opens (docs/backups.md) and download it, run '${printed("down", "--delete-data")}' and apply again`;
    },
    immutable: (fields: string) => `an immutable field was changed: ${fields}`,
    deleteIt: (command: string) => `delete it, then apply again: ${command}`,
    losesData: "this deletes its data: make a backup first",
    wouldUpgrade: (from: string, to: string) =>
      `${from} runs here, and ${to} would upgrade its data; only a dump allows a return to ${from}`,
    nameSeries: (from: string, series: string) =>
      `make a dump, then set images.mysql in the environment to an image whose tag begins with ${series}; or set images.mysql: ${from} to keep this version (docs/mysql-upgrade.md)`,
    quota: (command: string) => `raise the quota or request less: ${command}`,
    notAllowed: (words: string) => `not allowed: ${words}`,
    otherAccount: "use an account with this permission, or ask an administrator for it",
    namespaceFirst: "apply the namespace first, or check its name",
    setBy: (field: string, manager: string) => `${field} is set by '${manager}'`,
    get drillCutOff() {
      return `a drill was interrupted; repair it with '${printed("drill", "--repair")}'`;
    },
    leaveField: "leave the field to that manager, or take it over with --force-conflicts",
    keptBy: (keeper: string) => `${keeper} sets this field: change it there; ${keeper} would set it again after --force-conflicts`,
    setByAutoscaler:
      "a HorizontalPodAutoscaler sets the replicas: turn applications.webapp.sample.autoscaling on, or delete the autoscaler (kubectl -n NAMESPACE get hpa)",
    /** The names of the programs that apply objects to a cluster. */
    keepers: { argo: "Argo CD", flux: "Flux", helm: "Helm", k3s: "k3s' manifests folder" } as Readonly<Record<string, string>>,
    noConnection: (context: string, server: string, why: string) => `context '${context}': no connection to ${server}: ${why}`,
    connection: {
      ECONNREFUSED: ["connection refused", "start the cluster, or choose another context"],
      ENOTFOUND: ["host name not found", "check the context's server and your network"],
      EAI_AGAIN: ["the host name cannot be resolved", "check your network and DNS"],
      ETIMEDOUT: ["timed out", "check that the cluster runs and that no VPN or firewall blocks the connection"],
      EHOSTUNREACH: ["the host cannot be reached", "check your network"],
      ENETUNREACH: ["the network cannot be reached", "check your network"],
      ECONNRESET: ["the connection was reset repeatedly", "check the server, and the proxies and firewalls on the way to it"],
      EPROTO: ["TLS protocol error", "check the context's server and port"],
      CERT_HAS_EXPIRED: ["its certificate has expired", "renew the cluster's certificates (check the clock of this machine, too)"],
      CERT_NOT_YET_VALID: ["its certificate is not valid yet", "check the clock of this machine"],
      ERR_TLS_CERT_ALTNAME_INVALID: ["its certificate is for another name", "get the cluster's kubeconfig again"],
    } as Readonly<Record<string, readonly [why: string, advice: string]>>,
    untrusted: [
      "its certificate is not signed by the CA in the kubeconfig",
      "get the cluster's kubeconfig again: the cluster may have been created again",
    ] as readonly [string, string],
    checkServer: "check the context's server",
    credentials: (context: string) =>
      `context '${context}': the cluster rejects these credentials; they have expired or belong to another cluster`,
    logIn: "log in again (or get the kubeconfig again), then run the command again",
    again: (what: string, server: string, seconds: string) => `${what} from ${server}; next attempt in ${seconds} s`,
  },
  es: {
    terminating: (namespace) => `el namespace ${namespace} se está eliminando`,
    waitGone: (command) => `espere a que se elimine (${command}) y aplique de nuevo`,
    shrink: (fields) => `un volumen no se puede reducir: ${fields}`,
    get giveSize() {
      return `mantenga su tamaño actual; o haga un respaldo que abra su propia clave (docs/backups.es.md) y descárguelo, ejecute «${printed("down", "--delete-data")}» y aplique de nuevo`;
    },
    immutable: (fields) => `se cambió un campo inmutable: ${fields}`,
    deleteIt: (command) => `elimínelo y aplique de nuevo: ${command}`,
    losesData: "esto elimina sus datos: haga antes un respaldo",
    wouldUpgrade: (from, to) => `aquí se ejecuta ${from}, y ${to} actualizaría sus datos; solo un dump permite volver a ${from}`,
    nameSeries: (from, series) =>
      `haga un dump y después ponga en images.mysql del entorno una imagen cuya etiqueta empiece con ${series}; o ponga images.mysql: ${from} para mantener esta versión (docs/mysql-upgrade.es.md)`,
    quota: (command) => `aumente la cuota o solicite menos: ${command}`,
    notAllowed: (words) => `no permitido: ${words}`,
    otherAccount: "use una cuenta con ese permiso o pídalo a un administrador",
    namespaceFirst: "aplique primero el namespace, o revise su nombre",
    setBy: (field, manager) => `«${manager}» define ${field}`,
    get drillCutOff() {
      return `un simulacro se interrumpió; repárelo con «${printed("drill", "--repair")}»`;
    },
    leaveField: "deje el campo a ese gestor, o tómelo con --force-conflicts",
    keptBy: (keeper) => `${keeper} define este campo: cámbielo allí; ${keeper} lo volvería a definir después de --force-conflicts`,
    setByAutoscaler:
      "un HorizontalPodAutoscaler define las réplicas: active applications.webapp.sample.autoscaling, o elimine el HorizontalPodAutoscaler (kubectl -n NAMESPACE get hpa)",
    keepers: { argo: "Argo CD", flux: "Flux", helm: "Helm", k3s: "la carpeta de manifiestos de k3s" },
    noConnection: (context, server, why) => `contexto «${context}»: sin conexión con ${server}: ${why}`,
    connection: {
      ECONNREFUSED: ["conexión rechazada", "inicie el clúster o elija otro contexto"],
      ENOTFOUND: ["ese nombre de host no existe", "revise el servidor del contexto y su red"],
      EAI_AGAIN: ["no se puede resolver el nombre de host", "revise su red y el DNS"],
      ETIMEDOUT: ["tiempo agotado", "compruebe que el clúster está en ejecución y que ninguna VPN ni firewall bloquea la conexión"],
      EHOSTUNREACH: ["no se puede llegar al host", "revise su red"],
      ENETUNREACH: ["no se puede llegar a la red", "revise su red"],
      ECONNRESET: ["la conexión se restableció repetidamente", "revise el servidor, y los proxies y firewalls en el camino"],
      EPROTO: ["error del protocolo TLS", "revise el servidor y el puerto del contexto"],
      CERT_HAS_EXPIRED: ["su certificado venció", "renueve los certificados del clúster (y revise el reloj de esta máquina)"],
      CERT_NOT_YET_VALID: ["su certificado aún no es válido", "revise el reloj de esta máquina"],
      ERR_TLS_CERT_ALTNAME_INVALID: ["su certificado es para otro nombre", "obtenga de nuevo el kubeconfig del clúster"],
    },
    untrusted: [
      "su certificado no está firmado por la CA del kubeconfig",
      "obtenga de nuevo el kubeconfig del clúster: quizá el clúster se creó de nuevo",
    ],
    checkServer: "revise el servidor del contexto",
    credentials: (context) => `contexto «${context}»: el clúster rechaza estas credenciales; vencieron o son de otro clúster`,
    logIn: "inicie sesión de nuevo (u obtenga de nuevo el kubeconfig) y repita el comando",
    again: (what, server, seconds) => `${what} de ${server}; el próximo intento es en ${seconds} s`,
  },
});
