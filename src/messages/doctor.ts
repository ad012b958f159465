import { messages } from "../language.ts";

/** The checks before an apply: their names, results and advice. */
export const doctor = messages({
  en: {
    names: {
      budget: "resource budget",
      "local ports": "local ports",
      cluster: "cluster",
      version: "version",
      clock: "clock",
      rights: "permissions",
      nodes: "nodes",
      size: "size",
      addresses: "cluster addresses",
      storage: "storage",
      controller: "ingress controller",
      clients: "client addresses",
      ports: "cluster ports",
      alerting: "alert receivers",
      backups: "backups",
      dns: "DNS",
      certificate: "names for Let's Encrypt",
      "pod security": "Pod Security",
      "database TLS": "TLS to the database",
      outgoing: "outgoing connections",
    },
    // applications
    baseline: (names: string) =>
      `WEAKER PROTECTION: ${names} may run as root, since podSecurity is baseline; everything else runs at the level restricted`,
    restrict: "if the image can run as another user, write its user (such as 10001) and leave podSecurity out",
    allRestricted: "every application runs at the level restricted",
    plainDatabase: (names: string) => `MySQL also accepts connections without TLS from ${names}; they stay within the cluster's network`,
    requireTls:
      "write database.requireTls: true for an application whose driver uses TLS: mysqlclient and mysql-connector always do, PyMySQL from 1.2",
    allTls: "MySQL accepts connections of every application only with TLS",
    nothingRefused: "no policy refuses a destination that applications name in env, and none is missed in their output",
    refusedVariable: (name: string, variable: string, where: string, rule: string) =>
      `${name}: ${variable} leads to ${where}, which its policy refuses (${rule})`,
    refusedOutput: (name: string, where: string, byReset: boolean, rule: string) =>
      `${name}: its output says that ${where} ${byReset ? "refused a connection" : "did not answer in time"}: its policy refuses it (${rule})`,
    unanswered: (name: string, where: string, byReset: boolean) =>
      `${name}: its output says that ${where} ${byReset ? "refused a connection" : "did not answer in time"}; no policy is known to refuse it`,
    unansweredSomewhere: (name: string, rule: string) =>
      `${name}: its output says that a connection was not answered, but not to where; its policy allows its database, DNS and ${rule}`,
    allowRange: (name: string, ranges: string) =>
      `if the connection is meant, write applications.${name}.outgoing: [${ranges}], with every other range that it needs: a list replaces public`,
    itsRange: (host: string) => `the range of ${host}`,
    publicName: "no application may reach pods and Services of others: use the other application's public name",
    checkHost: "check the host, its port and its firewall",
    lookInLogs: (command: string) => `see ${command}`,
    none: "none",
    fits: (memory: number, cpu: number, machineMemory: number, machineCpu: number) =>
      `${memory} MiB and ${cpu} m requested; the environment's machine has ${machineMemory} MiB and ${machineCpu} m`,
    smaller: "use a larger machine, fewer replicas, or smaller resources",
    // ports of this machine
    free: (ports: string) => `${ports} are free or in use by this cluster`,
    nonePorts: "no ports are needed",
    inUse: (port: number, what: string, whom: string) => `port ${port} for ${what} is in use by ${whom}`,
    unknownProgram: "another program",
    program: (name: string, pid: number) => `${name} (pid ${pid})`,
    otherPorts: "stop that program, or choose other ports in the environment (ingress.ports or open) or with --port NAME=PORT",
    ingress: "the ingress",
    open: (name: string) => `'open' ${name}`,
    // the server
    run: (version: string, minor: number) => `${version}: the end-to-end tests use 1.${minor}`,
    checked: (version: string, minor: number) =>
      `${version}: the manifests are validated against the schemas of 1.${minor}, but the end-to-end tests do not use it`,
    untried: (version: string, run: number, checked: string) =>
      `${version}: not tested; the end-to-end tests use 1.${run}, the manifests are validated against the schemas of ${checked}`,
    watchFirst: "watch the first apply",
    older: (version: string, oldest: number) => `${version}: older than 1.${oldest}`,
    update: "update the cluster",
    noTime: "the API server sends no Date header",
    compare: "compare the clocks manually",
    skew: (seconds: number) => `${seconds} s between this machine and the cluster`,
    ntp: "synchronize both with NTP: otherwise certificates and tokens are rejected",
    mayAll: "this account has every permission that apply needs",
    mayNot: (what: readonly string[]) => `this account may not ${what.join(", nor ")}`,
    administrator: "use an administrator's account, or ask for these permissions",
    // nodes
    node: (name: string, system: string, kernel: string, architecture: string, kubelet: string) =>
      `${name}: ${system}, kernel ${kernel}, ${architecture}, kubelet ${kubelet}`,
    noNodes: "no nodes",
    addNode: "add a node: without one no pod can run",
    condition: (name: string, type: string, status: string) => `${name}: ${type} is ${status}`,
    describe: "see: kubectl describe node",
    oldKernel: (name: string, kernel: string, oldest: string) =>
      `${name}: kernel ${kernel} is older than the oldest that Kubernetes supports (${oldest})`,
    kubeletSkew: (name: string, kubelet: string, server: string) =>
      `${name}: kubelet ${kubelet} is not compatible with API server ${server}`,
    renewNode: "update the node",
    asked: (memory: number, cpu: number, freeMemory: number, freeCpu: number, nodes: number) =>
      `${memory} MiB and ${cpu} m requested, including one update; ${freeMemory} MiB and ${freeCpu} m are free on ${nodes} node(s)`,
    tooLittle: (saw: string, memory: number, cpu: number) =>
      `${saw}: ${[...(memory > 0 ? [`${memory} MiB of memory`] : []), ...(cpu > 0 ? [`${cpu} m of CPU`] : [])].join(" and ")} missing`,
    metricsServer: (memory: number) =>
      `metrics-server runs, but the budget does not include it (${memory} MiB): only applications.webapp.sample.autoscaling needs it`,
    disableMetricsServer: "install k3s with --disable=metrics-server, or set machine.system.memory to what the system uses with it",
    // addresses
    apiPort: (port: number, allowed: number) =>
      `the API server listens at port ${port}; the NetworkPolicies let Traefik, Prometheus and the bootstrap Job reach it at ${allowed} only`,
    listenThere: (port: number) => `configure the API server to listen at ${port}`,
    shutMachines: (addresses: string) =>
      `the NetworkPolicies do not let pods reach ${addresses}, an address of a node or of the API server: Traefik finds no routes, Prometheus no targets`,
    otherRange: (key: string, given: string, real: string) =>
      `${key} is ${given}, the cluster's range is ${real}: the NetworkPolicies exclude the wrong range`,
    setKeys: (keys: string) => `set in the environment: ${keys}`,
    machines: (addresses: string, ranges: string) => `nodes and API server: ${addresses}; the NetworkPolicies allow ${ranges}`,
    narrower: (key: string) => `to allow fewer addresses, set ${key}`,
    // names for Let's Encrypt
    dnsSilent: (host: string, code: string) => `no DNS server answered for ${host} (${code})`,
    askElsewhere: (host: string) =>
      `check the record of ${host} from another network before you apply: failed orders count against Let's Encrypt's limits`,
    noRecord: (host: string) => `${host} has no address in DNS`,
    publicAddress: "the machine's public address",
    makeRecord: (host: string, address: string) =>
      `let the DNS record of ${host} (type A) lead to ${address}, and wait until the old one's TTL is over`,
    leadsElsewhere: (host: string, addresses: string) => `${host} leads to ${addresses}, which is not this machine's public address`,
    ipv6First: (host: string, addresses: string) => `${host} also has ${addresses}; Let's Encrypt tries IPv6 first`,
    keepIpv6: "keep the AAAA record only if the machine answers there at ports 80 and 443; otherwise remove it",
    stagingFirst: (host: string) => `${host} shows no certificate of Let's Encrypt yet, and staging is false`,
    useStaging:
      "apply with staging: true first, and change it once 'verify' shows its certificate: production allows 5 failed attempts an hour",
    leadsHere: (host: string, addresses: string) => `${host} leads to this machine (${addresses})`,
    notCompared: (host: string, addresses: string) =>
      `${host} leads to ${addresses}; the machine's public address is not known here, so compare it yourself`,
    // storage
    noClass: (names: string, there: string) => `no storage class ${names}; available: ${there}`,
    nameClass: "choose one of these in the environment",
    allNamed: "every volume names its storage class",
    noDefault: (there: string) => `no default storage class; available: ${there}`,
    makeDefault: "set a default, or install local-path-provisioner: without one, volumes stay pending",
    standard: (name: string, provisioner: string) => `default: ${name} (${provisioner})`,
    defaults: (names: string) => `several defaults: ${names}`,
    leaveOne: "keep only one: Kubernetes uses the newest",
    // ingress
    noK3s: "the cluster is not k3s: it has no HelmChartConfig",
    otherCluster: "choose an environment with 'cluster: kind', or another context",
    bundled: (classes: string) => `Traefik of k3s; ingress classes: ${classes}`,
    noTraefik: "k3s runs without Traefik",
    startTraefik: "start k3s without --disable=traefik",
    isK3s: (classes: string) => `this looks like k3s, which includes Traefik; ingress classes: ${classes}`,
    useK3s: "use an environment with 'cluster: k3s'",
    own: (classes: string) => `CloudNova installs Traefik; ingress classes: ${classes}`,
    foreign: (names: string) => `another installation owns the ingress class ${names}`,
    removeIt: "remove it, or use a separate cluster",
    clientsSeen: "Traefik receives the address of each client",
    externalAddress: (node: string, external: string, internal: string) =>
      `${node} has the ExternalIP ${external} in addition to ${internal}`,
    oneClient: "behind a cloud's NAT Traefik sees one address for all clients, so they share one rate limit and one login limit",
    noExternalIp: "start k3s without --node-external-ip and with --tls-san set to the public address; see docs/targets.md",
    taken: (port: number, service: string) => `NodePort ${port} belongs to Service ${service}`,
    otherNodePorts: "choose other ports under ingress.nodePorts",
    taken80: (services: string) => `ports 80/443 belong to Service ${services}`,
    otherPort: "remove that Service or change its ports",
    nodePorts: (ports: string) => `NodePorts ${ports} are free or in use by this environment`,
    free80: "ports 80 and 443 are free or in use by Traefik",
  },
  es: {
    names: {
      budget: "presupuesto de recursos",
      "local ports": "puertos locales",
      cluster: "clúster",
      version: "versión",
      clock: "reloj",
      rights: "permisos",
      nodes: "nodos",
      size: "tamaño",
      addresses: "direcciones del clúster",
      storage: "almacenamiento",
      controller: "controlador de Ingress",
      clients: "direcciones de los clientes",
      ports: "puertos del clúster",
      alerting: "receptores de alertas",
      backups: "respaldos",
      dns: "DNS",
      certificate: "nombres para Let's Encrypt",
      "pod security": "Pod Security",
      "database TLS": "TLS con la base de datos",
      outgoing: "conexiones salientes",
    },
    baseline: (names) =>
      `PROTECCIÓN MÁS DÉBIL: ${names} puede ejecutarse como root, porque podSecurity es baseline; todo lo demás tiene el nivel restricted`,
    restrict: "si la imagen puede ejecutarse con otro usuario, escriba su user (como 10001) y omita podSecurity",
    allRestricted: "todas las aplicaciones tienen el nivel restricted",
    plainDatabase: (names) => `MySQL también acepta conexiones sin TLS de ${names}; no salen de la red del clúster`,
    requireTls:
      "escriba database.requireTls: true para una aplicación cuyo driver use TLS: mysqlclient y mysql-connector siempre lo usan, PyMySQL desde 1.2",
    allTls: "MySQL solo acepta conexiones de las aplicaciones con TLS",
    nothingRefused: "ninguna política rechaza un destino que las aplicaciones indiquen en env, y ninguno falta en su salida",
    refusedVariable: (name, variable, where, rule) => `${name}: ${variable} lleva a ${where}, que su política rechaza (${rule})`,
    refusedOutput: (name, where, byReset, rule) =>
      `${name}: según su salida, ${where} ${byReset ? "rechazó una conexión" : "no respondió a tiempo"}: su política lo rechaza (${rule})`,
    unanswered: (name, where, byReset) =>
      `${name}: según su salida, ${where} ${byReset ? "rechazó una conexión" : "no respondió a tiempo"}; no se conoce ninguna política que lo rechace`,
    unansweredSomewhere: (name, rule) =>
      `${name}: según su salida, una conexión no tuvo respuesta, pero no dice adónde; su política admite su base de datos, DNS y ${rule}`,
    allowRange: (name, ranges) =>
      `si la conexión es intencional, escriba applications.${name}.outgoing: [${ranges}], con todos los demás rangos que necesite: una lista reemplaza public`,
    itsRange: (host) => `el rango de ${host}`,
    publicName: "ninguna aplicación puede llegar a pods y Services de otras: use el nombre público de la otra aplicación",
    checkHost: "revise el servidor, su puerto y su firewall",
    lookInLogs: (command) => `vea ${command}`,
    none: "ninguno",
    fits: (memory, cpu, machineMemory, machineCpu) =>
      `se solicitan ${memory} MiB y ${cpu} m; la máquina del entorno tiene ${machineMemory} MiB y ${machineCpu} m`,
    smaller: "use una máquina mayor, menos réplicas o recursos menores",
    free: (ports) => `${ports} están libres o los usa este clúster`,
    nonePorts: "no se necesita ninguno",
    inUse: (port, what, whom) => `el puerto ${port} para ${what} está ocupado por ${whom}`,
    unknownProgram: "otro programa",
    program: (name, pid) => `${name} (pid ${pid})`,
    otherPorts: "detenga ese programa, o elija otros puertos en el entorno (ingress.ports u open) o con --port NOMBRE=PUERTO",
    ingress: "el ingress",
    open: (name) => `«open» ${name}`,
    run: (version, minor) => `${version}: las pruebas de extremo a extremo usan 1.${minor}`,
    checked: (version, minor) =>
      `${version}: los manifiestos se validan con los esquemas de 1.${minor}, pero las pruebas de extremo a extremo no la usan`,
    untried: (version, run, checked) =>
      `${version}: sin probar; las pruebas de extremo a extremo usan 1.${run}, los manifiestos se validan con los esquemas de ${checked}`,
    watchFirst: "observe el primer apply",
    older: (version, oldest) => `${version}: anterior a 1.${oldest}`,
    update: "actualice el clúster",
    noTime: "el servidor de la API no envía el encabezado Date",
    compare: "compare los relojes manualmente",
    skew: (seconds) => `${seconds} s entre esta máquina y el clúster`,
    ntp: "sincronice ambos con NTP: de lo contrario, se rechazan certificados y tokens",
    mayAll: "esta cuenta tiene todos los permisos que apply necesita",
    mayNot: (what) => `esta cuenta no puede ${what.join(", ni ")}`,
    administrator: "use una cuenta de administrador o pida los permisos",
    node: (name, system, kernel, architecture, kubelet) => `${name}: ${system}, kernel ${kernel}, ${architecture}, kubelet ${kubelet}`,
    noNodes: "no hay nodos",
    addNode: "agregue un nodo: sin nodos no se ejecuta ningún pod",
    condition: (name, type, status) => `${name}: ${type} es ${status}`,
    describe: "vea: kubectl describe node",
    oldKernel: (name, kernel, oldest) => `${name}: el kernel ${kernel} es anterior al mínimo que admite Kubernetes (${oldest})`,
    kubeletSkew: (name, kubelet, server) => `${name}: el kubelet ${kubelet} no es compatible con el servidor ${server}`,
    renewNode: "actualice el nodo",
    asked: (memory, cpu, freeMemory, freeCpu, nodes) =>
      `se solicitan ${memory} MiB y ${cpu} m, incluida una actualización; quedan libres ${freeMemory} MiB y ${freeCpu} m en ${nodes} nodo(s)`,
    tooLittle: (saw, memory, cpu) =>
      `${saw}: faltan ${[...(memory > 0 ? [`${memory} MiB de memoria`] : []), ...(cpu > 0 ? [`${cpu} m de CPU`] : [])].join(" y ")}`,
    metricsServer: (memory) =>
      `metrics-server está en ejecución y el presupuesto no lo incluye (${memory} MiB): solo lo necesita applications.webapp.sample.autoscaling`,
    disableMetricsServer: "instale k3s con --disable=metrics-server, o ponga en machine.system.memory lo que el sistema usa con él",
    apiPort: (port, allowed) =>
      `el servidor de la API escucha en el puerto ${port}; las NetworkPolicies solo permiten a Traefik, a Prometheus y al Job bootstrap alcanzarlo en ${allowed}`,
    listenThere: (port) => `configure el servidor de la API para que escuche en ${port}`,
    shutMachines: (addresses) =>
      `las NetworkPolicies no permiten a los pods alcanzar ${addresses}, dirección de un nodo o del servidor de la API: Traefik no encuentra rutas, ni Prometheus objetivos`,
    otherRange: (key, given, real) =>
      `${key} es ${given}, el rango del clúster es ${real}: las NetworkPolicies excluyen el rango equivocado`,
    setKeys: (keys) => `ponga en el entorno: ${keys}`,
    machines: (addresses, ranges) => `nodos y servidor de la API: ${addresses}; las NetworkPolicies permiten ${ranges}`,
    narrower: (key) => `para permitir menos direcciones, ponga ${key}`,
    dnsSilent: (host, code) => `ningún servidor DNS respondió por ${host} (${code})`,
    askElsewhere: (host) =>
      `compruebe el registro de ${host} desde otra red antes de aplicar: los pedidos fallidos cuentan para los límites de Let's Encrypt`,
    noRecord: (host) => `${host} no tiene dirección en el DNS`,
    publicAddress: "la dirección pública de la máquina",
    makeRecord: (host, address) =>
      `haga que el registro DNS de ${host} (tipo A) lleve a ${address}, y espere a que termine el TTL del anterior`,
    leadsElsewhere: (host, addresses) => `${host} lleva a ${addresses}, que no es la dirección pública de esta máquina`,
    ipv6First: (host, addresses) => `${host} también tiene ${addresses}; Let's Encrypt prueba IPv6 primero`,
    keepIpv6: "conserve el registro AAAA solo si la máquina responde ahí en los puertos 80 y 443; si no, quítelo",
    stagingFirst: (host) => `${host} todavía no muestra un certificado de Let's Encrypt, y staging es false`,
    useStaging:
      "aplique primero con staging: true, y cámbielo cuando «verify» muestre su certificado: producción admite 5 intentos fallidos por hora",
    leadsHere: (host, addresses) => `${host} lleva a esta máquina (${addresses})`,
    notCompared: (host, addresses) => `${host} lleva a ${addresses}; aquí no se conoce la dirección pública de la máquina: compárela usted`,
    noClass: (names, there) => `no existe la clase de almacenamiento ${names}; disponibles: ${there}`,
    nameClass: "elija una de ellas en el entorno",
    allNamed: "cada volumen indica su clase de almacenamiento",
    noDefault: (there) => `no hay clase de almacenamiento por defecto; disponibles: ${there}`,
    makeDefault: "defina una clase por defecto o instale local-path-provisioner: sin ella, los volúmenes quedan pendientes",
    standard: (name, provisioner) => `por defecto: ${name} (${provisioner})`,
    defaults: (names) => `varias por defecto: ${names}`,
    leaveOne: "deje solo una: Kubernetes usa la más nueva",
    noK3s: "el clúster no es k3s: no tiene HelmChartConfig",
    otherCluster: "elija un entorno con «cluster: kind», u otro contexto",
    bundled: (classes) => `el Traefik de k3s; clases de Ingress: ${classes}`,
    noTraefik: "k3s funciona sin Traefik",
    startTraefik: "inicie k3s sin --disable=traefik",
    isK3s: (classes) => `parece k3s, que incluye Traefik; clases de Ingress: ${classes}`,
    useK3s: "use un entorno con «cluster: k3s»",
    own: (classes) => `CloudNova instala Traefik; clases de Ingress: ${classes}`,
    foreign: (names) => `otra instalación posee la clase de Ingress ${names}`,
    removeIt: "elimínela o use un clúster aparte",
    clientsSeen: "Traefik recibe la dirección de cada cliente",
    externalAddress: (node, external, internal) => `${node} tiene la ExternalIP ${external} además de ${internal}`,
    oneClient:
      "detrás del NAT de una nube, Traefik ve una sola dirección para todos los clientes, y todos comparten un límite de peticiones y un límite de inicios de sesión",
    noExternalIp: "inicie k3s sin --node-external-ip y con la dirección pública en --tls-san; vea docs/targets.es.md",
    taken: (port, service) => `el NodePort ${port} pertenece al Service ${service}`,
    otherNodePorts: "elija otros puertos en ingress.nodePorts",
    taken80: (services) => `los puertos 80/443 pertenecen al Service ${services}`,
    otherPort: "elimine ese Service o cambie sus puertos",
    nodePorts: (ports) => `los NodePorts ${ports} están libres o los usa este entorno`,
    free80: "los puertos 80 y 443 están libres o los usa Traefik",
  },
});

/** A check's name in JSON. */
export type DoctorCheck = keyof typeof doctor.names;
