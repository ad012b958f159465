import { messages } from "../language.ts";
import { kindCommand, printedFor } from "../printed.ts";

/** Messages of `up` about this machine: Docker, kind and its cluster, packages, images. */
export const machine = messages({
  en: {
    // any program
    failedAbove: "the command failed; see its output above",
    diskFull: "the disk is full: see 'docker system df' and 'df -h', free some gigabytes, then run the same command again",
    rateLimit:
      "the registry rejects pulls from this address for now: Docker Hub limits anonymous pulls per address. Wait, log in with 'docker login', or set a mirror with the environment's key registry",
    daemonEnded: "Docker's daemon stopped: run the same command again, which starts the daemon where possible",
    noCapabilities:
      "Docker's runtime lacks a capability here (CAP_SYS_RESOURCE): as root, 'npm run cluster -- docker' starts a daemon that does not need it and prints the DOCKER_HOST to export",
    kernel:
      "this machine's kernel lacks a feature that Kubernetes networking needs (ipset, NFT_QUEUE, iptables): load its modules, or use another kernel",
    cgroups:
      "the node image does not support this machine's cgroup version: Kubernetes 1.35 and later need cgroup v2, 1.34 supports v1 and v2",
    // Docker
    dockerService: "see 'systemctl status docker' and 'journalctl -u docker'",
    dockerSilent: "Docker was started but does not respond",
    // tools/cluster
    toolAgain: (command: string) => `run this command separately to see the cause: ${command}`,
    // kind's program
    downloadFails: (url: string) => `${url} must be reachable; alternatively install kind and put it on the PATH`,
    wrongSum: (url: string, found: string, published: string) =>
      `the file of ${url} has the SHA-256 ${found}, but the published one is ${published}: the file was removed`,
    proxyBetween: "check whether a proxy or a login page intercepts the download",
    aptFails: "see apt's output above; check whether another apt runs and whether the package sources are reachable",
    // kind.yaml
    kindFileUnreadable: (file: string, code: string) => `${file} cannot be read (${code})`,
    kindFileNamed: "CLOUDNOVA_KIND_CONFIG contains this path: correct or unset it",
    kindFileBroken: (file: string, why: string) => `${file} is not YAML: ${why}`,
    noMapping: "not a mapping of keys",
    noKindCluster: (file: string, found: string) => `${file} is not a cluster configuration of kind: found ${found}`,
    kindFileShould: "it must have kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4, and a list of nodes under nodes",
    nodesNoList: (file: string) => `${file}: nodes is not a list of nodes`,
    noControlPlane: (file: string) => `${file}: none of its nodes has the role control-plane`,
    addControlPlane: "add '- role: control-plane' under nodes",
    // the lock
    waitsForOther: (pid: number) => `… waiting: another 'up' is preparing a cluster on this machine (process ${pid})`,
    lockLeft: (file: string) => `${file} remains from another user's 'up', and this user may not remove it`,
    removeLock: "remove the file as that user or as root",
    // the node image
    pulls: (image: string) => `pulling kind's node image ${image}`,
    notPulled: (image: string, why: string) => `the node image ${image} cannot be pulled: ${why}`,
    get pullAdvice() {
      return {
        answers: "run the same command again",
        silent: `no registry responds: check the network and the proxy. Without a registry, ${printedFor("up", "stand-ins")} builds a node image here`,
        limited:
          "Docker Hub limits anonymous pulls per address. Wait, log in with 'docker login', or set a mirror with the environment's key registry",
        refused: "the registry responds, but rejects this image: check the environment's key registry, and 'docker login'",
      };
    },
    standIns: "no registry is used: these substitute images are part of the node image",
    // the cluster
    startsNode: (node: string) => `starting ${node}, which is stopped`,
    halfAnew: (cluster: string) => `the cluster '${cluster}' is incomplete and contains nothing: it is removed and created again`,
    beingMade: (cluster: string) => `… waiting: another program is creating the cluster '${cluster}'`,
    apiStarts: (node: string) => `… waiting for the API server in ${node} to start`,
    apiSilent: (node: string) => `the API server in ${node} does not respond`,
    kindLogs: (cluster: string) =>
      `see '${kindCommand(`export logs --name ${cluster}`)}'; the usual cause is too little memory or disk. Nothing was removed, because it may contain data; if it contains no data that you need: ${kindCommand(`delete cluster --name ${cluster}`)}`,
    removesHalf: (cluster: string) => `removing the incomplete cluster '${cluster}'`,
    kindFailed: "kind could not create the cluster; see its output above",
    holdsNoStandIns: (cluster: string, image: string) =>
      `the cluster '${cluster}' was created from ${image}, which does not contain the substitute images`,
    anotherCluster: (cluster: string) =>
      `use a second cluster with KIND_CLUSTER_NAME=${cluster}-stand-ins, or an environment with registry images, such as kind`,
    portTaken: (port: number, who: string) => `port ${port} of 127.0.0.1 is in use by ${who}`,
    container: (name: string) => `the container ${name}`,
    otherPorts: (ports: string) =>
      `ports ${ports} must be free (see 'ss -ltnp'): stop the program that uses them, or set others with ingress.ports in the environment`,
    nameTaken: (cluster: string) =>
      `a container of another project has this name: remove it, or use another name with KIND_CLUSTER_NAME (now '${cluster}')`,
    // a cluster that does not answer
    clusterSilent: (context: string, server: string, why: string) => `context '${context}': no response from ${server}: ${why}`,
    nothingListens: "connection refused",
    clusterStopped: "its container is stopped",
    noSuchCluster: (engine: string) => `${engine} no longer has this cluster`,
    dockerWhy: {
      down: "Docker's daemon does not respond",
      denied: "Docker runs, but this user may not use it",
      absent: "Docker is not installed",
    },
    // after a start
    kubeletSilent: (node: string) => `the kubelet of node ${node} has not reported since its start`,
    nodeNotReady: (node: string, why: string) => `node ${node} is not Ready: ${why || "no reason given"}`,
    podFromBefore: (pod: string) => `pod ${pod} has not started again`,
    kubeletLogs: "see the kubelet's log: 'journalctl -u k3s', or in kind's node 'journalctl -u kubelet'",
    waits: (what: string) => `… waiting: ${what}`,
    // the plan
    whys: {
      podman: "podman responds",
      made: "'up' created its cluster before",
      startable: "Docker is installed and can be started",
      dockerInstallable: "Docker can be installed",
    },
    dockerDenied: "Docker runs, but this user may not use it",
    dockerHostSilent: (host: string) => `no Docker daemon responds at DOCKER_HOST (${host})`,
    dockerHostAdvice: "start that daemon, or unset DOCKER_HOST",
    startDocker: "start it: 'sudo systemctl start docker', or run this as root",
    startDesktop: "start Docker Desktop, and wait until it shows that it is running",
    packagesMissing: (names: string) => `packages are missing: ${names}`,
    installLine: (names: string) => `install them and run the same command again: sudo apt-get install -y ${names}`,
    installs: (names: string) => `install ${names}`,
    startsDocker: "start Docker",
    startsOwnDocker: "start a Docker daemon in a separate network namespace, because systemd is not available",
    buildsKind: (version: string) => `build kind ${version} from its Go module`,
    downloadsKind: (version: string) => `download kind ${version}`,
    runs: (cluster: string) => `kind's cluster '${cluster}' runs`,
    starts: (cluster: string) => `start kind's cluster '${cluster}'`,
    creates: (cluster: string) => `create kind's cluster '${cluster}' with the environment's ports`,
    pullsAndCreates: (cluster: string) => `pull kind's node image, and create kind's cluster '${cluster}' with the environment's ports`,
    composes: (cluster: string) =>
      `build a node image here, because no registry is used, and create kind's cluster '${cluster}' from it with the environment's ports`,
    askPackages: (names: string) => `Packages are missing. Run 'apt-get install -y ${names}'?`,
    kindOutdated: (found: string, minimum: string) => `kind ${found} is too old for the node image, which needs ${minimum}`,
    askBuildKind: (why: string, version: string) => `${why}. Build kind ${version} from its Go module?`,
    askDownloadKind: (why: string, version: string) => `${why}. Download kind ${version} from kind.sigs.k8s.io?`,
    askCompose: (minutes: number, what: string) =>
      `No registry image is used: Kubernetes and a node image are built from source, once, in about ${minutes} minutes on two idle cores${what ? ` (${what})` : ""}. Continue?`,
    composeNeedsRoot: "this environment's images are not in a registry, and only root on Linux can build a node image with them",
    composeNeedsGo:
      "this environment's images are not in a registry, and building a node image with them needs Go 1.26 or newer (https://go.dev/dl)",
    anotherNetwork: "where a registry is reachable, use the environment kind",
    littleMemory: (docker: number, wanted: number) =>
      `Docker has ${docker} MiB of memory, the environment needs ${wanted} MiB: give Docker more (Docker Desktop: Settings, Resources), or lower machine.memory`,
    cgroupTooOld: (version: string) => `the node image of Kubernetes ${version} does not start here: this machine has cgroup v1`,
    unchecked: (version: string, checked: string) => `the cluster's nodes run Kubernetes ${version}; tested versions are ${checked}`,
    noPolicies: (options: string) =>
      `this kernel was built without ${options}: this cluster does not enforce NetworkPolicies; everything else works`,
    noNodeImage: (image: string) => `kind's node image ${image} is not on this machine and cannot be pulled from its registry`,
    badKindName: (name: string) => `KIND_CLUSTER_NAME is '${name}': a name may contain only a-z, 0-9, '.' and '-'`,
    ownDocker: (host: string) => `this Docker daemon was started by 'up': to use it in other commands, export DOCKER_HOST=${host}`,
    // the image
    correctBuild: (key: string) =>
      `correct ${key}.context and ${key}.dockerfile: the context counts from the environment file, the Dockerfile from the context`,
    sourceUnreadable: (image: string, file: string, code: string) => `the image ${image} cannot be built: ${file} cannot be read (${code})`,
    inCheckout: (key: string) => `run this command in the project's folder, or set ${key} in the environment to an image of a registry`,
    imageThere: (image: string) => `${image} is in the cluster already, with the same content`,
  },
  es: {
    failedAbove: "el comando falló; vea su salida arriba",
    diskFull: "el disco está lleno: vea «docker system df» y «df -h», libere algunos gigabytes y repita el mismo comando",
    rateLimit:
      "el registro rechaza por ahora las descargas desde esta dirección: Docker Hub limita las descargas anónimas por dirección. Espere, inicie sesión con «docker login», o indique un espejo con la clave registry del entorno",
    daemonEnded: "el daemon de Docker se detuvo: repita el mismo comando, que lo inicia donde sea posible",
    noCapabilities:
      "al runtime de Docker le falta aquí una capability (CAP_SYS_RESOURCE): como root, «npm run cluster -- docker» inicia un daemon que no la necesita y muestra el DOCKER_HOST que hay que exportar",
    kernel:
      "al kernel de esta máquina le falta una función que la red de Kubernetes necesita (ipset, NFT_QUEUE, iptables): cargue sus módulos, o use otro kernel",
    cgroups:
      "la imagen del nodo no admite la versión de cgroup de esta máquina: Kubernetes 1.35 y posteriores necesitan cgroup v2, 1.34 admite v1 y v2",
    dockerService: "vea «systemctl status docker» y «journalctl -u docker»",
    dockerSilent: "Docker se inició, pero no responde",
    toolAgain: (command) => `ejecute este comando por separado para ver la causa: ${command}`,
    downloadFails: (url) => `se debe poder acceder a ${url}; también puede instalar kind y ponerlo en el PATH`,
    wrongSum: (url, found, published) =>
      `el archivo de ${url} tiene el SHA-256 ${found}, pero el publicado es ${published}: el archivo se eliminó`,
    proxyBetween: "revise si un proxy o una página de inicio de sesión intercepta la descarga",
    aptFails: "vea arriba la salida de apt; revise si hay otro apt en ejecución y si se puede acceder a las fuentes de paquetes",
    kindFileUnreadable: (file, code) => `no se puede leer ${file} (${code})`,
    kindFileNamed: "CLOUDNOVA_KIND_CONFIG contiene esta ruta: corríjala o elimine la variable",
    kindFileBroken: (file, why) => `${file} no es YAML: ${why}`,
    noMapping: "algo que no es un mapa de claves",
    noKindCluster: (file, found) => `${file} no es una configuración de clúster de kind: contiene ${found}`,
    kindFileShould: "debe tener kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4, y una lista de nodos en nodes",
    nodesNoList: (file) => `${file}: nodes no es una lista de nodos`,
    noControlPlane: (file) => `${file}: ninguno de sus nodos tiene el rol control-plane`,
    addControlPlane: "agregue «- role: control-plane» en nodes",
    waitsForOther: (pid) => `… esperando: otro «up» está preparando un clúster en esta máquina (proceso ${pid})`,
    lockLeft: (file) => `${file} quedó del «up» de otro usuario, y este usuario no puede eliminarlo`,
    removeLock: "elimine el archivo como ese usuario o como root",
    pulls: (image) => `descargando la imagen del nodo de kind ${image}`,
    notPulled: (image, why) => `no se puede descargar la imagen del nodo ${image}: ${why}`,
    get pullAdvice() {
      return {
        answers: "repita el mismo comando",
        silent: `no responde ningún registro: revise la red y el proxy. Sin registro, ${printedFor("up", "stand-ins")} construye aquí una imagen del nodo`,
        limited:
          "Docker Hub limita las descargas anónimas por dirección. Espere, inicie sesión con «docker login», o indique un espejo con la clave registry del entorno",
        refused: "el registro responde, pero rechaza esta imagen: revise la clave registry del entorno, y «docker login»",
      };
    },
    standIns: "no se usa ningún registro: estas imágenes sustitutas forman parte de la imagen del nodo",
    startsNode: (node) => `iniciando ${node}, que está detenido`,
    halfAnew: (cluster) => `el clúster «${cluster}» está incompleto y no contiene nada: se elimina y se crea de nuevo`,
    beingMade: (cluster) => `… esperando: otro programa está creando el clúster «${cluster}»`,
    apiStarts: (node) => `… esperando a que inicie el servidor de la API en ${node}`,
    apiSilent: (node) => `el servidor de la API en ${node} no responde`,
    kindLogs: (cluster) =>
      `vea «${kindCommand(`export logs --name ${cluster}`)}»; la causa habitual es poca memoria o poco disco. No se eliminó nada, porque puede contener datos; si no contiene datos que necesite: ${kindCommand(`delete cluster --name ${cluster}`)}`,
    removesHalf: (cluster) => `eliminando el clúster incompleto «${cluster}»`,
    kindFailed: "kind no pudo crear el clúster; vea su salida arriba",
    holdsNoStandIns: (cluster, image) => `el clúster «${cluster}» se creó a partir de ${image}, que no contiene las imágenes sustitutas`,
    anotherCluster: (cluster) =>
      `use un segundo clúster con KIND_CLUSTER_NAME=${cluster}-stand-ins, o un entorno con imágenes de un registro, como kind`,
    portTaken: (port, who) => `el puerto ${port} de 127.0.0.1 lo ocupa ${who}`,
    container: (name) => `el contenedor ${name}`,
    otherPorts: (ports) =>
      `los puertos ${ports} deben estar libres (vea «ss -ltnp»): detenga el programa que los usa, o indique otros con ingress.ports en el entorno`,
    nameTaken: (cluster) =>
      `un contenedor de otro proyecto tiene ese nombre: elimínelo, o use otro nombre con KIND_CLUSTER_NAME (ahora «${cluster}»)`,
    clusterSilent: (context, server, why) => `contexto «${context}»: sin respuesta de ${server}: ${why}`,
    nothingListens: "conexión rechazada",
    clusterStopped: "su contenedor está detenido",
    noSuchCluster: (engine) => `${engine} ya no tiene ese clúster`,
    dockerWhy: {
      down: "el daemon de Docker no responde",
      denied: "Docker está en ejecución, pero este usuario no puede usarlo",
      absent: "Docker no está instalado",
    },
    kubeletSilent: (node) => `el kubelet del nodo ${node} no ha informado desde su inicio`,
    nodeNotReady: (node, why) => `el nodo ${node} no está Ready: ${why || "sin motivo indicado"}`,
    podFromBefore: (pod) => `el pod ${pod} no ha vuelto a iniciar`,
    kubeletLogs: "vea el log del kubelet: «journalctl -u k3s», o en el nodo de kind «journalctl -u kubelet»",
    waits: (what) => `… esperando: ${what}`,
    whys: {
      podman: "podman responde",
      made: "«up» creó antes su clúster",
      startable: "Docker está instalado y se puede iniciar",
      dockerInstallable: "Docker se puede instalar",
    },
    dockerDenied: "Docker está en ejecución, pero este usuario no puede usarlo",
    dockerHostSilent: (host) => `en DOCKER_HOST (${host}) no responde ningún Docker`,
    dockerHostAdvice: "inicie ese daemon, o elimine la variable DOCKER_HOST",
    startDocker: "inícielo: «sudo systemctl start docker», o ejecute esto como root",
    startDesktop: "inicie Docker Desktop y espere a que muestre que está en ejecución",
    packagesMissing: (names) => `faltan paquetes: ${names}`,
    installLine: (names) => `instálelos y repita el mismo comando: sudo apt-get install -y ${names}`,
    installs: (names) => `instalar ${names}`,
    startsDocker: "iniciar Docker",
    startsOwnDocker: "iniciar un daemon de Docker en un network namespace separado, porque systemd no está disponible",
    buildsKind: (version) => `compilar kind ${version} desde su módulo de Go`,
    downloadsKind: (version) => `descargar kind ${version}`,
    runs: (cluster) => `el clúster de kind «${cluster}» está en ejecución`,
    starts: (cluster) => `iniciar el clúster de kind «${cluster}»`,
    creates: (cluster) => `crear el clúster de kind «${cluster}» con los puertos del entorno`,
    pullsAndCreates: (cluster) =>
      `descargar la imagen del nodo de kind y crear el clúster de kind «${cluster}» con los puertos del entorno`,
    composes: (cluster) =>
      `construir aquí una imagen del nodo, porque no se usa ningún registro, y crear con ella el clúster de kind «${cluster}» con los puertos del entorno`,
    askPackages: (names) => `Faltan paquetes. ¿Ejecutar «apt-get install -y ${names}»?`,
    kindOutdated: (found, minimum) => `kind ${found} es demasiado antiguo para la imagen del nodo, que necesita ${minimum}`,
    askBuildKind: (why, version) => `${why}. ¿Compilar kind ${version} desde su módulo de Go?`,
    askDownloadKind: (why, version) => `${why}. ¿Descargar kind ${version} de kind.sigs.k8s.io?`,
    askCompose: (minutes, what) =>
      `No se usa ninguna imagen de un registro: Kubernetes y una imagen del nodo se compilan una sola vez, en unos ${minutes} minutos con dos núcleos libres${what ? ` (${what})` : ""}. ¿Continuar?`,
    composeNeedsRoot:
      "las imágenes de este entorno no están en ningún registro, y solo root en Linux puede construir una imagen del nodo con ellas",
    composeNeedsGo:
      "las imágenes de este entorno no están en ningún registro, y para construir una imagen del nodo con ellas hace falta Go 1.26 o posterior (https://go.dev/dl)",
    anotherNetwork: "donde haya acceso a un registro, use el entorno kind",
    littleMemory: (docker, wanted) =>
      `Docker tiene ${docker} MiB de memoria, el entorno necesita ${wanted} MiB: asígnele más (Docker Desktop: Settings, Resources), o reduzca machine.memory`,
    cgroupTooOld: (version) => `la imagen del nodo de Kubernetes ${version} no inicia aquí: esta máquina tiene cgroup v1`,
    unchecked: (version, checked) => `los nodos del clúster tienen Kubernetes ${version}; las versiones probadas son ${checked}`,
    noPolicies: (options) => `este kernel se compiló sin ${options}: este clúster no aplica las NetworkPolicies; todo lo demás funciona`,
    noNodeImage: (image) => `la imagen del nodo de kind ${image} no está en esta máquina y no se puede descargar de su registro`,
    badKindName: (name) => `KIND_CLUSTER_NAME es «${name}»: un nombre solo puede tener a-z, 0-9, «.» y «-»`,
    ownDocker: (host) => `«up» inició este daemon de Docker: para usarlo en otros comandos, export DOCKER_HOST=${host}`,
    correctBuild: (key) =>
      `corrija ${key}.context y ${key}.dockerfile: el contexto se cuenta desde el archivo de entorno, el Dockerfile desde el contexto`,
    sourceUnreadable: (image, file, code) => `no se puede construir la imagen ${image}: no se puede leer ${file} (${code})`,
    inCheckout: (key) => `ejecute este comando en la carpeta del proyecto, o ponga en ${key} del entorno una imagen de un registro`,
    imageThere: (image) => `${image} ya está en el clúster, con el mismo contenido`,
  },
});
