import { messages } from "../language.ts";
import { printedFor } from "../printed.ts";

/** What `up` says of this machine: Docker, kind and its cluster, packages, images. */
export const machine = messages({
  en: {
    // any program
    failedAbove: "it failed; its own words are above",
    diskFull: "the disk is full: see 'docker system df' and 'df -h', free some gigabytes, then run the same command again",
    rateLimit:
      "the registry refuses this address for now: Docker Hub limits anonymous pulls per address. Wait, log in with 'docker login', or name a mirror with the key registry of the environment",
    daemonEnded: "Docker's daemon ended: run the same command again, which starts it where it can",
    noCapabilities:
      "Docker's runtime may not have all capabilities here (CAP_SYS_RESOURCE is missing): as root, 'npm run cluster -- docker' starts a daemon that does without, and prints the DOCKER_HOST to export",
    kernel:
      "this machine's kernel lacks a part that Kubernetes' network needs (ipset, NFT_QUEUE, iptables): load its modules, or use another kernel",
    cgroups: "this machine's cgroups do not suit the node image: Kubernetes 1.35 and later need cgroup v2, 1.34 runs on both",
    // Docker
    dockerService: "see 'systemctl status docker' and 'journalctl -u docker'",
    dockerSilent: "Docker was started, and does not answer",
    // tools/cluster
    toolAgain: (command: string) => `see the same command by itself: ${command}`,
    // kind's program
    downloadFails: (url: string) => `${url} must be reachable; a kind of your own on the PATH does as well`,
    wrongSum: (url: string, found: string, published: string) =>
      `the file of ${url} has the SHA-256 ${found}, published is ${published}: it was removed`,
    proxyBetween: "is a proxy or a log-in page in between?",
    aptFails: "see apt's own words above; is another apt running, or a package source not reachable?",
    // kind.yaml
    kindFileUnreadable: (file: string, code: string) => `${file} cannot be read (${code})`,
    kindFileNamed: "CLOUDNOVA_KIND_CONFIG names it: correct or unset it",
    kindFileBroken: (file: string, why: string) => `${file} is not YAML: ${why}`,
    noMapping: "no mapping of keys",
    noKindCluster: (file: string, found: string) => `${file} is no cluster configuration of kind: found ${found}`,
    kindFileShould: "it must have kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4, and under nodes a list",
    nodesNoList: (file: string) => `${file}: nodes is not a list of nodes`,
    noControlPlane: (file: string) => `${file}: none of its nodes has the role control-plane`,
    addControlPlane: "add '- role: control-plane' under nodes",
    // the lock
    waitsForOther: (pid: number) => `… waiting: another 'up' prepares a cluster on this machine (process ${pid})`,
    lockLeft: (file: string) => `${file} was left by another user's 'up' that has ended, and cannot be removed by this user`,
    removeLock: "remove that file",
    // the node image
    pulls: (image: string) => `pulling kind's node image ${image}`,
    notPulled: (image: string, why: string) => `the node image ${image} cannot be pulled: ${why}`,
    get pullAdvice() {
      return {
        answers: "run the same command again",
        silent: `no registry answers: is there a network, a proxy? Without a registry: ${printedFor("up", "stand-ins")} makes a node image here`,
        limited:
          "Docker Hub limits anonymous pulls per address. Wait, log in with 'docker login', or name a mirror with the key registry of the environment",
        refused: "the registry answers, but does not give this image: check the key registry of the environment, and 'docker login'",
      };
    },
    standIns: "no registry is used: these images stand in, and are part of the node image",
    // the cluster
    startsNode: (node: string) => `starting ${node}, which is stopped`,
    halfAnew: (cluster: string) => `the cluster '${cluster}' was left half made and holds nothing: it is removed and made anew`,
    beingMade: (cluster: string) => `… waiting: another program is making the cluster '${cluster}'`,
    apiStarts: (node: string) => `… waiting: the API server in ${node} starts`,
    apiSilent: (node: string) => `the API server in ${node} does not answer`,
    kindLogs: (cluster: string) =>
      `see 'kind export logs --name ${cluster}'; most often memory or disk ran out. Nothing was removed, because it may hold data; if it holds none of yours: kind delete cluster --name ${cluster}`,
    removesHalf: (cluster: string) => `removing the half-made cluster '${cluster}'`,
    kindFailed: "kind could not create the cluster; its own words are above",
    holdsNoStandIns: (cluster: string, image: string) =>
      `the cluster '${cluster}' was made from ${image}, which does not hold the images that stand in`,
    anotherCluster: (cluster: string) =>
      `use a second cluster with KIND_CLUSTER_NAME=${cluster}-stand-ins, or an environment with registry images, such as kind`,
    portTaken: (port: number, who: string) => `port ${port} of 127.0.0.1 is taken by ${who}`,
    container: (name: string) => `the container ${name}`,
    otherPorts: (ports: string) =>
      `ports ${ports} must be free (see 'ss -ltnp'): stop what has them, or set others with ingress.ports in the environment`,
    nameTaken: (cluster: string) =>
      `a container of another project has the name: remove it, or use another with KIND_CLUSTER_NAME (now '${cluster}')`,
    // a cluster that does not answer
    clusterSilent: (context: string, server: string, why: string) => `context '${context}': nothing answers at ${server}: ${why}`,
    nothingListens: "nothing listens there",
    clusterStopped: "its container is stopped",
    noSuchCluster: (engine: string) => `${engine} has no such cluster any more`,
    dockerWhy: {
      down: "Docker's daemon does not answer",
      denied: "Docker runs, but this user may not use it",
      absent: "there is no Docker",
    },
    // after a start
    kubeletSilent: (node: string) => `the kubelet of node ${node} has not reported since its start`,
    nodeNotReady: (node: string, why: string) => `node ${node} is not Ready: ${why || "no reason given"}`,
    podFromBefore: (pod: string) => `pod ${pod} has not started again`,
    kubeletLogs: "see the kubelet's log: 'journalctl -u k3s', or in kind's node 'journalctl -u kubelet'",
    waits: (what: string) => `… waiting: ${what}`,
    // the plan
    whys: {
      podman: "podman answers",
      made: "'up' made its cluster before",
      startable: "Docker is installed, and can be started",
      dockerInstallable: "Docker can be installed",
    },
    dockerDenied: "Docker runs, but this user may not use it",
    dockerHostSilent: (host: string) => `no Docker answers at DOCKER_HOST (${host})`,
    dockerHostAdvice: "start that daemon, or unset DOCKER_HOST",
    startDocker: "start it: 'sudo systemctl start docker', or run this as root",
    startDesktop: "start Docker Desktop, and wait until it says that it runs",
    packagesMissing: (names: string) => `packages are missing: ${names}`,
    installLine: (names: string) => `install them and run the same command again: sudo apt-get install -y ${names}`,
    installs: (names: string) => `install ${names}`,
    startsDocker: "start Docker",
    startsOwnDocker: "start a Docker daemon in a network namespace of its own, since no systemd does it",
    buildsKind: (version: string) => `build kind ${version} from its Go module`,
    downloadsKind: (version: string) => `download kind ${version}`,
    runs: (cluster: string) => `kind's cluster '${cluster}' runs`,
    starts: (cluster: string) => `start kind's cluster '${cluster}'`,
    creates: (cluster: string) => `have kind create the cluster '${cluster}' with the environment's ports`,
    pullsAndCreates: (cluster: string) =>
      `pull kind's node image, and have kind create the cluster '${cluster}' with the environment's ports`,
    composes: (cluster: string) =>
      `make a node image here, since no registry is used, and have kind create the cluster '${cluster}' from it with the environment's ports`,
    askPackages: (names: string) => `Packages are missing. Run 'apt-get install -y ${names}'?`,
    kindOutdated: (found: string, minimum: string) => `kind ${found} is too old for the node image, which needs ${minimum}`,
    askBuildKind: (why: string, version: string) => `${why}. Build kind ${version} from its Go module?`,
    askDownloadKind: (why: string, version: string) => `${why}. Download kind ${version} from kind.sigs.k8s.io?`,
    askCompose: (minutes: number, what: string) =>
      `No registry image is used: Kubernetes and a node image are built from source, about ${minutes} minutes on two idle cores, once${what ? ` (${what})` : ""}. Go on?`,
    composeNeedsRoot: "the images of this environment are in no registry, and a node image with them can only be made by root on Linux",
    composeNeedsGo:
      "the images of this environment are in no registry, and making a node image with them needs Go 1.26 or newer (https://go.dev/dl)",
    anotherNetwork: "where a registry answers, use the environment kind",
    littleMemory: (docker: number, wanted: number) =>
      `Docker has ${docker} MiB of memory, the environment counts on ${wanted} MiB: give it more (Docker Desktop: Settings, Resources), or lower machine.memory`,
    cgroupTooOld: (version: string) => `the node image of Kubernetes ${version} does not start here: this machine has cgroup v1`,
    unchecked: (version: string, checked: string) => `the cluster's nodes run Kubernetes ${version}; checked are ${checked}`,
    noPolicies: (options: string) =>
      `this kernel was built without ${options}: NetworkPolicies are not enforced on this cluster, everything else works`,
    noNodeImage: (image: string) => `kind's node image ${image} is not here, and cannot be had from its registry`,
    badKindName: (name: string) => `KIND_CLUSTER_NAME is '${name}': a name has only a-z, 0-9, '.' and '-'`,
    ownDocker: (host: string) => `Docker's daemon is the one that was started here: for commands of your own, export DOCKER_HOST=${host}`,
    // the image
    sourceUnreadable: (file: string, code: string) => `the application's image cannot be built: ${file} cannot be read (${code})`,
    inCheckout: "run this in the folder of the checkout, or name an image of a registry in the environment (images.webapp)",
    imageThere: (image: string) => `${image} is in the cluster already, with the same content`,
  },
  es: {
    failedAbove: "falló; arriba está lo que dijo",
    diskFull: "el disco está lleno: vea «docker system df» y «df -h», libere algunos gigabytes y repita la misma orden",
    rateLimit:
      "el registro rechaza por ahora esta dirección: Docker Hub limita las descargas anónimas por dirección. Espere, inicie sesión con «docker login», o indique un espejo con la clave registry del entorno",
    daemonEnded: "el daemon de Docker terminó: repita la misma orden, que lo arranca donde puede",
    noCapabilities:
      "aquí el runtime de Docker no puede tener todas las capacidades (falta CAP_SYS_RESOURCE): como root, «npm run cluster -- docker» arranca un daemon que no las necesita, e imprime el DOCKER_HOST que hay que exportar",
    kernel:
      "al kernel de esta máquina le falta una parte que la red de Kubernetes necesita (ipset, NFT_QUEUE, iptables): cargue sus módulos, o use otro kernel",
    cgroups:
      "los cgroups de esta máquina no sirven para la imagen del nodo: Kubernetes 1.35 y posteriores necesitan cgroup v2, 1.34 funciona con ambos",
    dockerService: "vea «systemctl status docker» y «journalctl -u docker»",
    dockerSilent: "Docker se arrancó, y no responde",
    toolAgain: (command) => `vea la misma orden por separado: ${command}`,
    downloadFails: (url) => `${url} debe ser alcanzable; también sirve un kind propio en el PATH`,
    wrongSum: (url, found, published) => `el archivo de ${url} tiene el SHA-256 ${found}, el publicado es ${published}: se eliminó`,
    proxyBetween: "¿hay en medio un proxy o una página de inicio de sesión?",
    aptFails: "vea arriba lo que dice apt; ¿está en marcha otro apt, o no se alcanza una fuente de paquetes?",
    kindFileUnreadable: (file, code) => `no se puede leer ${file} (${code})`,
    kindFileNamed: "lo indica CLOUDNOVA_KIND_CONFIG: corríjala o elimínela",
    kindFileBroken: (file, why) => `${file} no es YAML: ${why}`,
    noMapping: "algo que no son claves con valores",
    noKindCluster: (file, found) => `${file} no es una configuración de clúster de kind: contiene ${found}`,
    kindFileShould: "debe tener kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4, y una lista en nodes",
    nodesNoList: (file) => `${file}: nodes no es una lista de nodos`,
    noControlPlane: (file) => `${file}: ninguno de sus nodos tiene el rol control-plane`,
    addControlPlane: "añada «- role: control-plane» en nodes",
    waitsForOther: (pid) => `… esperando: otro «up» prepara un clúster en esta máquina (proceso ${pid})`,
    lockLeft: (file) => `${file} lo dejó el «up» de otro usuario, que ya terminó, y este usuario no puede eliminarlo`,
    removeLock: "elimine ese archivo",
    pulls: (image) => `descargando la imagen del nodo de kind ${image}`,
    notPulled: (image, why) => `no se puede descargar la imagen del nodo ${image}: ${why}`,
    get pullAdvice() {
      return {
        answers: "repita la misma orden",
        silent: `no responde ningún registro: ¿hay red, un proxy? Sin registro: ${printedFor("up", "stand-ins")} crea aquí una imagen del nodo`,
        limited:
          "Docker Hub limita las descargas anónimas por dirección. Espere, inicie sesión con «docker login», o indique un espejo con la clave registry del entorno",
        refused: "el registro responde, pero no da esta imagen: revise la clave registry del entorno, y «docker login»",
      };
    },
    standIns: "no se usa ningún registro: estas imágenes los sustituyen y forman parte de la imagen del nodo",
    startsNode: (node) => `arrancando ${node}, que está parado`,
    halfAnew: (cluster) => `el clúster «${cluster}» quedó a medias y no contiene nada: se elimina y se crea de nuevo`,
    beingMade: (cluster) => `… esperando: otro programa está creando el clúster «${cluster}»`,
    apiStarts: (node) => `… esperando: arranca el servidor de la API en ${node}`,
    apiSilent: (node) => `el servidor de la API en ${node} no responde`,
    kindLogs: (cluster) =>
      `vea «kind export logs --name ${cluster}»; casi siempre faltó memoria o disco. No se eliminó nada, porque puede contener datos; si no contiene nada suyo: kind delete cluster --name ${cluster}`,
    removesHalf: (cluster) => `eliminando el clúster a medias «${cluster}»`,
    kindFailed: "kind no pudo crear el clúster; arriba está lo que dijo",
    holdsNoStandIns: (cluster, image) => `el clúster «${cluster}» se creó de ${image}, que no contiene las imágenes sustitutas`,
    anotherCluster: (cluster) =>
      `use un segundo clúster con KIND_CLUSTER_NAME=${cluster}-stand-ins, o un entorno con imágenes de un registro, como kind`,
    portTaken: (port, who) => `el puerto ${port} de 127.0.0.1 lo ocupa ${who}`,
    container: (name) => `el contenedor ${name}`,
    otherPorts: (ports) =>
      `los puertos ${ports} deben estar libres (vea «ss -ltnp»): detenga lo que los ocupa, o indique otros con ingress.ports en el entorno`,
    nameTaken: (cluster) =>
      `un contenedor de otro proyecto tiene ese nombre: elimínelo, o use otro con KIND_CLUSTER_NAME (ahora «${cluster}»)`,
    clusterSilent: (context, server, why) => `contexto «${context}»: nada responde en ${server}: ${why}`,
    nothingListens: "allí no escucha nada",
    clusterStopped: "su contenedor está parado",
    noSuchCluster: (engine) => `${engine} ya no tiene ese clúster`,
    dockerWhy: {
      down: "el daemon de Docker no responde",
      denied: "Docker está en marcha, pero este usuario no puede usarlo",
      absent: "no hay Docker",
    },
    kubeletSilent: (node) => `el kubelet del nodo ${node} no ha informado desde su arranque`,
    nodeNotReady: (node, why) => `el nodo ${node} no está Ready: ${why || "sin motivo indicado"}`,
    podFromBefore: (pod) => `el pod ${pod} no ha vuelto a arrancar`,
    kubeletLogs: "vea el registro del kubelet: «journalctl -u k3s», o en el nodo de kind «journalctl -u kubelet»",
    waits: (what) => `… esperando: ${what}`,
    whys: {
      podman: "podman responde",
      made: "«up» creó antes su clúster",
      startable: "Docker está instalado y se puede arrancar",
      dockerInstallable: "Docker se puede instalar",
    },
    dockerDenied: "Docker está en marcha, pero este usuario no puede usarlo",
    dockerHostSilent: (host) => `en DOCKER_HOST (${host}) no responde ningún Docker`,
    dockerHostAdvice: "arranque ese daemon, o elimine DOCKER_HOST",
    startDocker: "arránquelo: «sudo systemctl start docker», o ejecute esto como root",
    startDesktop: "arranque Docker Desktop y espere a que diga que está en marcha",
    packagesMissing: (names) => `faltan paquetes: ${names}`,
    installLine: (names) => `instálelos y repita la misma orden: sudo apt-get install -y ${names}`,
    installs: (names) => `instalar ${names}`,
    startsDocker: "arrancar Docker",
    startsOwnDocker: "arrancar un daemon de Docker en un espacio de red propio, porque no hay systemd que lo haga",
    buildsKind: (version) => `compilar kind ${version} desde su módulo de Go`,
    downloadsKind: (version) => `descargar kind ${version}`,
    runs: (cluster) => `el clúster de kind «${cluster}» está en marcha`,
    starts: (cluster) => `arrancar el clúster de kind «${cluster}»`,
    creates: (cluster) => `que kind cree el clúster «${cluster}» con los puertos del entorno`,
    pullsAndCreates: (cluster) =>
      `descargar la imagen del nodo de kind, y que kind cree el clúster «${cluster}» con los puertos del entorno`,
    composes: (cluster) =>
      `crear aquí una imagen del nodo, porque no se usa ningún registro, y que kind cree de ella el clúster «${cluster}» con los puertos del entorno`,
    askPackages: (names) => `Faltan paquetes. ¿Ejecutar «apt-get install -y ${names}»?`,
    kindOutdated: (found, minimum) => `kind ${found} es demasiado antiguo para la imagen del nodo, que necesita ${minimum}`,
    askBuildKind: (why, version) => `${why}. ¿Compilar kind ${version} desde su módulo de Go?`,
    askDownloadKind: (why, version) => `${why}. ¿Descargar kind ${version} de kind.sigs.k8s.io?`,
    askCompose: (minutes, what) =>
      `No se usa ninguna imagen de un registro: Kubernetes y una imagen del nodo se compilan, unos ${minutes} minutos en dos núcleos libres, una sola vez${what ? ` (${what})` : ""}. ¿Continuar?`,
    composeNeedsRoot:
      "las imágenes de este entorno no están en ningún registro, y una imagen del nodo con ellas solo la puede crear root en Linux",
    composeNeedsGo:
      "las imágenes de este entorno no están en ningún registro, y para crear una imagen del nodo con ellas hace falta Go 1.26 o posterior (https://go.dev/dl)",
    anotherNetwork: "donde responda un registro, use el entorno kind",
    littleMemory: (docker, wanted) =>
      `Docker tiene ${docker} MiB de memoria, el entorno cuenta con ${wanted} MiB: dele más (Docker Desktop: Settings, Resources), o baje machine.memory`,
    cgroupTooOld: (version) => `la imagen del nodo de Kubernetes ${version} no arranca aquí: esta máquina tiene cgroup v1`,
    unchecked: (version, checked) => `los nodos del clúster tienen Kubernetes ${version}; se comprobaron ${checked}`,
    noPolicies: (options) =>
      `este kernel se compiló sin ${options}: en este clúster no se aplican las NetworkPolicies, todo lo demás funciona`,
    noNodeImage: (image) => `la imagen del nodo de kind ${image} no está aquí, y su registro no la da`,
    badKindName: (name) => `KIND_CLUSTER_NAME es «${name}»: un nombre solo tiene a-z, 0-9, «.» y «-»`,
    ownDocker: (host) => `el daemon de Docker es el que se arrancó aquí: para órdenes propias, export DOCKER_HOST=${host}`,
    sourceUnreadable: (file, code) => `no se puede construir la imagen de la aplicación: no se puede leer ${file} (${code})`,
    inCheckout: "ejecute esto en la carpeta del proyecto, o indique en el entorno una imagen de un registro (images.webapp)",
    imageThere: (image) => `${image} ya está en el clúster, con el mismo contenido`,
  },
});
