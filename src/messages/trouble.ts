import { messages } from "../language.ts";
import { printed } from "../printed.ts";

/** Why a workload is not ready, and what to do. */
export const trouble = messages({
  en: {
    evicted: (why: string) => `evicted: ${why}`,
    freeNode: "free memory or disk on the node",
    cannotStart: (container: string, why: string) => `container ${container} cannot be started: ${why}`,
    probe: (container: string, kind: string, answer: string) =>
      `container ${container}: ${kind} probe failed${answer ? `: ${answer}` : ""}`,
    /** By the kubelet's names of probes. */
    probes: { Startup: "Startup", Readiness: "Readiness", Liveness: "Liveness" } as Readonly<Record<string, string>>,
    get seeLogs() {
      return `see its logs: ${printed("logs")}`;
    },
    // images
    noImageName: (image: string) => `'${image}' is not a valid image name`,
    correctImage: "correct it under images: in the environment",
    neverPulled: (image: string) => `image ${image} is not on the node, and imagePullPolicy Never forbids a pull`,
    loadImage: "load it into the cluster first",
    imageTooLarge: (image: string) => `image ${image} cannot be stored: the node has no free disk space`,
    freeDisk: "free disk space",
    notPulled: (image: string, detail: string) => `image ${image} cannot be pulled${detail ? `: ${detail}` : ""}`,
    ownImage: "it is the project's own image: build it and load it into the cluster, or set an image of a registry under images:",
    rateLimit:
      "Docker Hub limits anonymous pulls per address: set a mirror with the environment's key registry, or wait; the kubelet retries automatically",
    checkImage: "check its name, the network, and whether the registry requires a login",
    // configuration
    noKey: (container: string, key: string, where: string) =>
      `container ${container} needs the key '${key}' of ${where}, which does not exist`,
    addKey: "add the key",
    lacksKey: (secret: string, key: string) => `Secret ${secret} has no key ${key}`,
    generatedKey: "the Job 'bootstrap' adds it to a Secret that it generated: check that Job; to your own Secret, add it yourself",
    runsAsRoot: (container: string) => `container ${container}: its image runs as root, which the namespace's Pod Security level forbids`,
    numericUser: "use an image with a numeric non-root user",
    cannotMake: (container: string, why: string) => `container ${container} cannot be created: ${why}`,
    missing: (kind: string, name: string) => `${kind} ${name} is missing`,
    generatedSecret: "the Job 'bootstrap' generates it unless the environment uses your own: check that Job, or create your Secret",
    applyAgain: "apply again",
    // crashes
    times: (count: number) => (count <= 1 ? "once" : `${count} times`),
    outOfMemory: (container: string, times: string) => `container ${container} exceeded its memory limit and was OOM-killed ${times}`,
    raiseLimit: "raise its limit under resources: in the environment",
    crashed: (container: string, code: number, times: string) => `container ${container} crashed (exit code ${code}, ${times})`,
    lastLines: "; its last lines:",
    emptyLog: "; its log is empty",
    // scheduling
    volumeMissing: (why: string) => `a volume is missing: ${why}`,
    volumePending: "its volume is pending: no storage class provisions it",
    get seeStorage() {
      return `see '${printed("doctor")}', and: kubectl get storageclass,pvc`;
    },
    tooLittle: (what: readonly string[]) => `no node has enough free ${what.join(" and ")} for its request`,
    smaller: "use a larger machine, fewer replicas or smaller requests",
    fullNode: "the node has reached its maximum number of pods",
    morePods: "raise the kubelet's maxPods, or use another node",
    noNode: (why: string) => `no node accepts it: ${why}`,
    taint: "a node under memory or disk pressure accepts no pods: free memory or disk, or remove the taint",
    notPrepared: (why: string) => `the node cannot set up its sandbox or volumes: ${why}`,
    // controllers
    quota: (why: string) => `a quota rejects its pods: ${why}`,
    raiseQuota: "raise the quota, or request less",
    podSecurity: (why: string) => `Pod Security rejects its pods: ${why}`,
    namespaceLabels: "the namespace's labels must be those of the manifests: apply again",
    noAccount: (why: string) => `its ServiceAccount is missing: ${why}`,
    podsRefused: (why: string) => `its pods are rejected: ${why}`,
    /** Kubernetes' names of a node's resources. */
    resources: {} as Readonly<Record<string, string>>,
  },
  es: {
    evicted: (why) => `desalojado: ${why}`,
    freeNode: "libere memoria o disco en el nodo",
    cannotStart: (container, why) => `el contenedor ${container} no puede iniciar: ${why}`,
    probe: (container, kind, answer) => `contenedor ${container}: falla la sonda ${kind}${answer ? `: ${answer}` : ""}`,
    probes: { Startup: "startup", Readiness: "readiness", Liveness: "liveness" },
    get seeLogs() {
      return `vea sus logs: ${printed("logs")}`;
    },
    noImageName: (image) => `«${image}» no es un nombre de imagen válido`,
    correctImage: "corríjalo en images: del entorno",
    neverPulled: (image) => `la imagen ${image} no está en el nodo, e imagePullPolicy Never prohíbe descargarla`,
    loadImage: "cárguela antes en el clúster",
    imageTooLarge: (image) => `la imagen ${image} no se puede guardar: el nodo no tiene espacio libre en disco`,
    freeDisk: "libere espacio en disco",
    notPulled: (image, detail) => `no se puede descargar la imagen ${image}${detail ? `: ${detail}` : ""}`,
    ownImage: "es la imagen del propio proyecto: constrúyala y cárguela en el clúster, o ponga la de un registro en images:",
    rateLimit:
      "Docker Hub limita las descargas anónimas por dirección: indique un espejo con la clave registry del entorno, o espere; el kubelet reintenta automáticamente",
    checkImage: "revise su nombre, la red y si el registro exige iniciar sesión",
    noKey: (container, key, where) => `el contenedor ${container} necesita la clave «${key}» de ${where}, que no existe`,
    addKey: "agregue la clave",
    lacksKey: (secret, key) => `el Secret ${secret} no tiene la clave ${key}`,
    generatedKey: "el Job «bootstrap» la agrega a un Secret que él generó: revise ese Job; a un Secret propio, agréguela usted",
    runsAsRoot: (container) =>
      `contenedor ${container}: su imagen se ejecuta como root, y el nivel de Pod Security del namespace lo prohíbe`,
    numericUser: "use una imagen con un usuario numérico que no sea root",
    cannotMake: (container, why) => `no se puede crear el contenedor ${container}: ${why}`,
    missing: (kind, name) => `falta el ${kind} ${name}`,
    generatedSecret: "el Job «bootstrap» lo genera, salvo que el entorno use uno propio: revise ese Job, o cree su Secret",
    applyAgain: "aplique de nuevo",
    times: (count) => (count <= 1 ? "una vez" : `${count} veces`),
    outOfMemory: (container, times) => `el contenedor ${container} superó su límite de memoria y terminó por OOM kill ${times}`,
    raiseLimit: "aumente su límite en resources: del entorno",
    crashed: (container, code, times) => `el contenedor ${container} falló (código de salida ${code}, ${times})`,
    lastLines: "; sus últimas líneas:",
    emptyLog: "; su log está vacío",
    volumeMissing: (why) => `falta un volumen: ${why}`,
    volumePending: "su volumen está pendiente: ninguna clase de almacenamiento lo aprovisiona",
    get seeStorage() {
      return `vea «${printed("doctor")}», y: kubectl get storageclass,pvc`;
    },
    tooLittle: (what) => `ningún nodo tiene suficiente ${what.join(" y ")} libre para lo que solicita`,
    smaller: "use una máquina mayor, menos réplicas o solicitudes menores",
    fullNode: "el nodo alcanzó su número máximo de pods",
    morePods: "aumente maxPods del kubelet, o use otro nodo",
    noNode: (why) => `ningún nodo lo acepta: ${why}`,
    taint: "un nodo con poca memoria o poco disco no acepta pods: libere memoria o disco, o quite el taint",
    notPrepared: (why) => `el nodo no puede preparar su sandbox o sus volúmenes: ${why}`,
    quota: (why) => `una cuota rechaza sus pods: ${why}`,
    raiseQuota: "aumente la cuota, o solicite menos",
    podSecurity: (why) => `Pod Security rechaza sus pods: ${why}`,
    namespaceLabels: "las etiquetas del namespace deben ser las de los manifiestos: aplique de nuevo",
    noAccount: (why) => `falta su ServiceAccount: ${why}`,
    podsRefused: (why) => `se rechazan sus pods: ${why}`,
    resources: { memory: "memoria", cpu: "CPU", "ephemeral-storage": "disco" },
  },
});
