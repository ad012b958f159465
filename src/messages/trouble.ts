import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** Why something does not come up, and what to do. */
export const trouble = messages({
  en: {
    evicted: (why: string) => `evicted: ${why}`,
    freeNode: "free memory or disk on the node",
    cannotStart: (container: string, why: string) => `container ${container} cannot be started: ${why}`,
    probe: (container: string, kind: string, answer: string) =>
      `container ${container}: ${kind} probe failed${answer ? `: ${answer}` : ""}`,
    /** By the kubelet's own words. */
    probes: { Startup: "Startup", Readiness: "Readiness", Liveness: "Liveness" } as Readonly<Record<string, string>>,
    get seeLogs() {
      return `see its logs: ${printed("logs")}`;
    },
    // images
    noImageName: (image: string) => `'${image}' is no name of an image`,
    correctImage: "correct it under images: in the environment",
    neverPulled: (image: string) => `image ${image} is not on the node, and may not be pulled`,
    loadImage: "load it into the cluster first",
    imageTooLarge: (image: string) => `image ${image} does not fit: no disk space is left on the node`,
    freeDisk: "free disk space",
    notPulled: (image: string, detail: string) => `image ${image} cannot be pulled${detail ? `: ${detail}` : ""}`,
    ownImage: "it is the project's own: build it and load it into the cluster, or name a registry's under images:",
    rateLimit:
      "Docker Hub limits anonymous pulls per address: name a mirror with the key registry of the environment, or wait; the kubelet tries again by itself",
    checkImage: "check its name, the network, and whether the registry wants a login",
    // configuration
    noKey: (container: string, key: string, where: string) =>
      `container ${container} needs the key '${key}' of ${where}, which is not in it`,
    addKey: "add the key",
    lacksKey: (secret: string, key: string) => `Secret ${secret} has no key ${key}`,
    bornKey: "the Job 'bootstrap' adds it to a Secret that it made: look at that Job; add it to a Secret of your own",
    runsAsRoot: (container: string) => `container ${container}: its image runs as root, which its namespace forbids`,
    numericUser: "use an image with a numeric user",
    cannotMake: (container: string, why: string) => `container ${container} cannot be made: ${why}`,
    missing: (kind: string, name: string) => `${kind} ${name} is missing`,
    bornSecret: "the Job 'bootstrap' makes it unless the environment names your own: look at that Job, or create yours",
    applyAgain: "apply again",
    // crashes
    times: (count: number) => (count <= 1 ? "once" : `${count} times`),
    outOfMemory: (container: string, times: string) => `container ${container} needed more memory than its limit and was ended ${times}`,
    raiseLimit: "raise its limit under resources: in the environment",
    crashed: (container: string, code: number, times: string) => `container ${container} crashed (exit code ${code}, ${times})`,
    lastLines: "; its last lines:",
    saidNothing: "; it printed nothing",
    // scheduling
    volumeMissing: (why: string) => `a volume is missing: ${why}`,
    volumePending: "its volume is pending: no storage class provides one",
    get seeStorage() {
      return `see '${printed("doctor")}', and: kubectl get storageclass,pvc`;
    },
    tooLittle: (what: readonly string[]) => `no node has enough ${what.join(" and ")} left for its request`,
    smaller: "use a larger machine, fewer replicas or smaller requests",
    fullNode: "the node runs as many pods as it may",
    morePods: "raise the kubelet's maxPods, or use another node",
    noNode: (why: string) => `no node takes it: ${why}`,
    taint: "a node under memory or disk pressure takes no pods: free some, or remove the taint",
    notPrepared: (why: string) => `the node cannot prepare it: ${why}`,
    // controllers
    quota: (why: string) => `a quota refuses its pods: ${why}`,
    raiseQuota: "raise the quota, or ask for less",
    podSecurity: (why: string) => `Pod Security refuses its pods: ${why}`,
    namespaceLabels: "the namespace's labels must be those of the manifests: apply again",
    noAccount: (why: string) => `its service account is missing: ${why}`,
    podsRefused: (why: string) => `its pods are refused: ${why}`,
    /** Kubernetes' words for what a node can lack. */
    resources: {} as Readonly<Record<string, string>>,
  },
  es: {
    evicted: (why) => `expulsado: ${why}`,
    freeNode: "libere memoria o disco en el nodo",
    cannotStart: (container, why) => `el contenedor ${container} no puede arrancar: ${why}`,
    probe: (container, kind, answer) => `contenedor ${container}: falla la sonda de ${kind}${answer ? `: ${answer}` : ""}`,
    probes: { Startup: "arranque", Readiness: "disponibilidad", Liveness: "vida" },
    get seeLogs() {
      return `vea sus registros: ${printed("logs")}`;
    },
    noImageName: (image) => `«${image}» no es el nombre de una imagen`,
    correctImage: "corríjalo en images: del entorno",
    neverPulled: (image) => `la imagen ${image} no está en el nodo, y no se permite descargarla`,
    loadImage: "cárguela antes en el clúster",
    imageTooLarge: (image) => `la imagen ${image} no cabe: al nodo no le queda espacio en disco`,
    freeDisk: "libere espacio en disco",
    notPulled: (image, detail) => `no se puede descargar la imagen ${image}${detail ? `: ${detail}` : ""}`,
    ownImage: "es la del propio proyecto: constrúyala y cárguela en el clúster, o nombre la de un registro en images:",
    rateLimit:
      "Docker Hub limita las descargas anónimas por dirección: nombre una copia con la clave registry del entorno, o espere; el kubelet lo intenta de nuevo por sí solo",
    checkImage: "revise su nombre, la red, y si el registro pide iniciar sesión",
    noKey: (container, key, where) => `el contenedor ${container} necesita la clave «${key}» de ${where}, que no está en él`,
    addKey: "añada la clave",
    lacksKey: (secret, key) => `el Secret ${secret} no tiene la clave ${key}`,
    bornKey: "el Job «bootstrap» la añade a un Secret que creó él: mire ese Job; a un Secret suyo, añádala usted",
    runsAsRoot: (container) => `contenedor ${container}: su imagen se ejecuta como root, y su namespace lo prohíbe`,
    numericUser: "use una imagen con un usuario numérico",
    cannotMake: (container, why) => `no se puede crear el contenedor ${container}: ${why}`,
    missing: (kind, name) => `falta el ${kind} ${name}`,
    bornSecret: "lo hace el Job «bootstrap», salvo que el entorno nombre uno suyo: mire ese Job, o cree el suyo",
    applyAgain: "aplique de nuevo",
    times: (count) => (count <= 1 ? "una vez" : `${count} veces`),
    outOfMemory: (container, times) => `el contenedor ${container} necesitó más memoria que su límite y fue terminado ${times}`,
    raiseLimit: "aumente su límite en resources: del entorno",
    crashed: (container, code, times) => `el contenedor ${container} falló (código de salida ${code}, ${times})`,
    lastLines: "; sus últimas líneas:",
    saidNothing: "; no escribió nada",
    volumeMissing: (why) => `falta un volumen: ${why}`,
    volumePending: "su volumen está pendiente: ninguna clase de almacenamiento lo proporciona",
    get seeStorage() {
      return `vea «${printed("doctor")}», y: kubectl get storageclass,pvc`;
    },
    tooLittle: (what) => `a ningún nodo le queda bastante ${what.join(" y ")} para lo que solicita`,
    smaller: "use una máquina mayor, menos réplicas o solicitudes menores",
    fullNode: "el nodo ya ejecuta tantos pods como admite",
    morePods: "aumente maxPods del kubelet, o use otro nodo",
    noNode: (why) => `ningún nodo lo acepta: ${why}`,
    taint: "un nodo con poca memoria o poco disco no acepta pods: libere espacio, o quite el taint",
    notPrepared: (why) => `el nodo no puede prepararlo: ${why}`,
    quota: (why) => `una cuota rechaza sus pods: ${why}`,
    raiseQuota: "aumente la cuota, o pida menos",
    podSecurity: (why) => `Pod Security rechaza sus pods: ${why}`,
    namespaceLabels: "las etiquetas del namespace deben ser las de los manifiestos: aplique de nuevo",
    noAccount: (why) => `falta su cuenta de servicio: ${why}`,
    podsRefused: (why) => `se rechazan sus pods: ${why}`,
    resources: { memory: "memoria", cpu: "CPU", "ephemeral-storage": "disco" },
  },
});
