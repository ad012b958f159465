import { messages } from "../language.ts";
import { kindCommand, printed } from "../printed.ts";

/** The plan of `up`: its steps, its questions, and why a plan is not possible. */
export const target = messages({
  en: {
    head: (environment: string, name: string, why: string, where: string, total: string) =>
      `plan: '${environment}' to target ${name} (${why}), ${where}; about ${total}`,
    where: (context: string, server: string | undefined) => `context '${context}' (${server ?? "not created yet"})`,
    nowhere: "a cluster that does not exist yet",
    whys: {
      named: "as requested",
      docker: "Docker responds",
      k3s: "Docker does not respond, k3s is installed",
      installable: "Docker does not respond, k3s can be installed",
    },
    steps: {
      synth: "write the manifests",
      doctor: "check the cluster",
      apply: "apply the changed objects, Secrets first",
      wait: "wait until every workload is ready",
      verify: "check the running application and its monitoring",
    },
    k3s: "check whether k3s runs",
    install: (version: string, url: string) => `install k3s ${version} with its installer from ${url}`,
    image: {
      registry: "is pulled from the registry in its name",
      cluster: "is part of kind's node image",
      user: "is not in a registry: it must already be on the cluster's machine",
      named: "is used unchanged: the name is not the project's, so nothing is built; the cluster must have it or be able to pull it",
    },
    loaded: "is loaded into the cluster if Docker has it here; otherwise the cluster must be able to pull it",
    builtFor: {
      kind: (folder: string) => `is built from ${folder}/ and loaded into the cluster; pods of an earlier build are replaced`,
      k3s: (folder: string) => `is built from ${folder}/ and imported into k3s' containerd; pods of an earlier build are replaced`,
    },
    askInstall: (version: string, url: string) =>
      `k3s is not installed. Download its installer from ${url} and run it as root, for ${version}?`,
    askForeign: (environment: string, context: string, server: string | undefined) =>
      `The cluster '${context}' (${server ?? "stopped, or its kubeconfig cannot be read"}) exists already, and 'up' in this folder did not create it. Apply '${environment}' to it?`,
    sayYes: (question: string, environment: string, name: string) =>
      `${question} To confirm: npm run up -- ${environment} --target ${name} --yes`,
    wouldAsk: (question: string) => `it would ask: ${question}`,
    refused: "nothing was changed",
    restarted: (name: string, image: string) => `${name} restarted: its pods ran an earlier build of ${image}`,
    askAdopt: (namespace: string, found: string, wanted: string) =>
      `Namespace ${namespace} contains the environment '${found}'. Replace it with '${wanted}' and keep its data?`,
    confirmAdopt: (namespace: string, found: string) =>
      `namespace ${namespace} contains the environment '${found}'; to replace it and keep its data: '${printed("up", "--adopt")}'`,
    notReplaced: (found: string) => `'${found}' was not replaced`,
    otherNamespace: "to keep both, set another namespace in the environment's file",
    impossible: "no cluster can be created here: Docker does not respond, and k3s is not installed",
    impossibleAdvice: "or run this as root on Linux with systemd (k3s), or choose a cluster with --context NAME",
    getDocker: "install Docker (https://docs.docker.com/engine/install) or start it",
    noDocker: "kind needs Docker, and Docker does not respond",
    noKind: "the program kind is missing",
    noK3s: "k3s cannot be installed here: it needs Linux with systemd or OpenRC, and root",
    another: "choose another target: --target kind, k3s or context:NAME",
    noBuilder: (image: string) =>
      `the image ${image} is not in a registry, and no program here can build it: docker, podman and buildah are missing`,
    getBuilder: (key: string) => `install one of them, or set ${key} in the environment to an image of a registry`,
    otherKind: (environment: string, kind: string, name: string) =>
      `the environment '${environment}' is for a cluster of type '${kind}', but the target is ${name}`,
    leaveOut: "omit the environment to use the target's own, or give another",
    noTarget: (target: string) => `--target ${target}: no such target`,
    targetsAre: (names: string) => `allowed are ${names}, ssh:USER@HOST and context:NAME`,
    twoClusters: (one: string, other: string) => `${one} and ${other} refer to two clusters`,
    leaveOne: "omit one of them",
    // other programs
    noProgram: "the program is not installed",
    failed: "failed",
    dockerWell: "check that Docker works",
    get seeKindNodes() {
      return `see '${kindCommand("get nodes")}' and '${kindCommand("export logs")}'`;
    },
    builtBy: (file: string, builder: string) => `${builder} builds ${file}; the first build needs internet access`,
    notBuilt: (application: string, file: string, why: string) => `the image of ${application} cannot be built from ${file}: ${why}`,
    buildEnds: "the build's output ends with:",
    mysqlclientNeeds:
      "mysqlclient is compiled: before pip, the Dockerfile needs RUN apt-get update && apt-get install -y gcc default-libmysqlclient-dev pkg-config (with an image that is not slim: without gcc)",
    correctRequirements: "correct the version of that package in requirements.txt, or the Python version of the base image",
    correctDockerfile: (key: string) => `correct ${key}.build.dockerfile, which counts from ${key}.build.context`,
    copyFails: "a file that COPY or ADD names is not in the build's context, or .dockerignore excludes it",
    correctStage: (key: string) => `correct ${key}.build.target: it names a stage of the Dockerfile`,
    unknownInstruction:
      "correct that line; if it belongs to a RUN <<EOF, the Dockerfile needs BuildKit: install docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (docker.com); on Debian 12 it is enough to export DOCKER_BUILDKIT=1",
    needsBuildKit:
      "the Dockerfile needs BuildKit: install docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (docker.com); on Debian 12 it is enough to export DOCKER_BUILDKIT=1",
    otherPlatform: "the base image is for another processor than this machine's: choose an image for several platforms",
    otherProcessor: (image: string, found: string, node: string) =>
      `the image ${image} is for ${found}, and the cluster's node has ${node}: it could not start there`,
    buildFor: (dockerfile: string, processor: string) =>
      `let ${dockerfile} begin with a base image that exists for linux/${processor}; remove --platform from its FROM lines, and DOCKER_DEFAULT_PLATFORM from this shell`,
    buildAgainFor: (image: string, builder: string, processor: string) =>
      `build it again for the node: ${builder} build --platform linux/${processor} --tag ${image} FOLDER`,
    emulated: (image: string, found: string, node: string) =>
      `the image ${image} is for ${found}, and the cluster's node has ${node}: this machine emulates it, which is slow`,
    temporaryRoom: "check the free space in the temporary folder",
    nodeImage: "the first download of the node image needs internet access",
    dockerGroup: "check that this user may use Docker: add it to the group docker, or use sudo",
    get kindLogs() {
      return `see '${kindCommand("export logs")}': the usual causes are too little memory or too many inotify watches`;
    },
    kindWords: "see kind's output above",
    kindWithoutPorts: (cluster: string, ports: string) =>
      `the cluster '${cluster}' does not map this machine's ports ${ports} to the application`,
    kindAnew: (cluster: string) =>
      `it was created for an environment with other ports: use those ports again (ingress.ports and ingress.nodePorts), or delete it with '${kindCommand(`delete cluster --name ${cluster}`)}' (this deletes its data) and run 'up' again`,
    installerFromInternet: "the installer needs internet access",
    noScript: (url: string) => `${url} did not return a script`,
    proxyBetween: "check whether a proxy or a login page intercepts the download",
    installerWords: "see the installer's output above",
    rootKubeconfig: "only root can read its kubeconfig: use sudo",
    noAnswer: (why: string) => `k3s does not respond: ${why}`,
    k3sLogs: "see 'systemctl status k3s' and 'journalctl -u k3s'",
  },
  es: {
    head: (environment, name, why, where, total) => `plan: «${environment}» al destino ${name} (${why}), ${where}; unos ${total}`,
    where: (context, server) => `contexto «${context}» (${server ?? "todavía no existe"})`,
    nowhere: "un clúster que todavía no existe",
    whys: {
      named: "como se indicó",
      docker: "Docker responde",
      k3s: "Docker no responde, k3s está instalado",
      installable: "Docker no responde, k3s se puede instalar",
    },
    steps: {
      synth: "escribir los manifiestos",
      doctor: "revisar el clúster",
      apply: "aplicar los objetos que cambiaron, primero los Secrets",
      wait: "esperar a que todas las cargas de trabajo estén listas",
      verify: "verificar la aplicación en ejecución y su monitoreo",
    },
    k3s: "comprobar si k3s está en ejecución",
    install: (version, url) => `instalar k3s ${version} con su instalador de ${url}`,
    image: {
      registry: "se descarga del registro que indica su nombre",
      cluster: "forma parte de la imagen del nodo de kind",
      user: "no está en ningún registro: debe estar ya en la máquina del clúster",
      named:
        "se usa sin cambios: el nombre no es el del proyecto, así que no se construye nada; el clúster debe tenerla o poder descargarla",
    },
    loaded: "se carga en el clúster si Docker la tiene aquí; si no, el clúster debe poder descargarla",
    builtFor: {
      kind: (folder) => `se construye desde ${folder}/ y se carga en el clúster; los pods de una construcción anterior se reemplazan`,
      k3s: (folder) =>
        `se construye desde ${folder}/ y se importa en el containerd de k3s; los pods de una construcción anterior se reemplazan`,
    },
    askInstall: (version, url) => `k3s no está instalado. ¿Descargar su instalador de ${url} y ejecutarlo como root, para ${version}?`,
    askForeign: (environment, context, server) =>
      `El clúster «${context}» (${server ?? "detenido, o no se puede leer su kubeconfig"}) ya existía, y «up» en esta carpeta no lo creó. ¿Aplicarle «${environment}»?`,
    sayYes: (question, environment, name) => `${question} Para confirmar: npm run up -- ${environment} --target ${name} --yes`,
    wouldAsk: (question) => `preguntaría: ${question}`,
    refused: "no se cambió nada",
    restarted: (name, image) => `${name} se reinició: sus pods ejecutaban una construcción anterior de ${image}`,
    askAdopt: (namespace, found, wanted) =>
      `El namespace ${namespace} contiene el entorno «${found}». ¿Reemplazarlo por «${wanted}» y conservar sus datos?`,
    confirmAdopt: (namespace, found) =>
      `el namespace ${namespace} contiene el entorno «${found}»; para reemplazarlo y conservar sus datos: «${printed("up", "--adopt")}»`,
    notReplaced: (found) => `«${found}» no se reemplazó`,
    otherNamespace: "para conservar los dos, indique otro namespace en el archivo del entorno",
    impossible: "aquí no se puede crear ningún clúster: Docker no responde y k3s no está instalado",
    impossibleAdvice: "o ejecute esto como root en un Linux con systemd (k3s), o elija un clúster con --context NOMBRE",
    getDocker: "instale Docker (https://docs.docker.com/engine/install) o inícielo",
    noDocker: "kind necesita Docker, y Docker no responde",
    noKind: "falta el programa kind",
    noK3s: "aquí no se puede instalar k3s: necesita Linux con systemd u OpenRC, y root",
    another: "elija otro destino: --target kind, k3s o context:NOMBRE",
    noBuilder: (image) =>
      `la imagen ${image} no está en ningún registro y aquí ningún programa puede construirla: faltan docker, podman y buildah`,
    getBuilder: (key) => `instale uno de ellos, o ponga en ${key} del entorno una imagen de un registro`,
    otherKind: (environment, kind, name) => `el entorno «${environment}» es para un clúster de tipo «${kind}», pero el destino es ${name}`,
    leaveOut: "omita el entorno para usar el del destino, o indique otro",
    noTarget: (target) => `--target ${target}: no existe ese destino`,
    targetsAre: (names) => `se admiten ${names}, ssh:USUARIO@SERVIDOR y context:NOMBRE`,
    twoClusters: (one, other) => `${one} y ${other} se refieren a dos clústeres`,
    leaveOne: "omita uno de los dos",
    noProgram: "el programa no está instalado",
    failed: "falló",
    dockerWell: "compruebe que Docker funciona",
    get seeKindNodes() {
      return `vea «${kindCommand("get nodes")}» y «${kindCommand("export logs")}»`;
    },
    builtBy: (file, builder) => `${builder} construye ${file}; la primera vez necesita internet`,
    notBuilt: (application, file, why) => `no se puede construir la imagen de ${application} con ${file}: ${why}`,
    buildEnds: "la salida de la construcción termina así:",
    mysqlclientNeeds:
      "mysqlclient se compila: antes de pip, el Dockerfile necesita RUN apt-get update && apt-get install -y gcc default-libmysqlclient-dev pkg-config (con una imagen que no sea slim: sin gcc)",
    correctRequirements: "corrija la versión de ese paquete en requirements.txt, o la versión de Python de la imagen base",
    correctDockerfile: (key) => `corrija ${key}.build.dockerfile, que se cuenta desde ${key}.build.context`,
    copyFails: "un archivo que nombra COPY o ADD no está en el contexto de la construcción, o .dockerignore lo excluye",
    correctStage: (key) => `corrija ${key}.build.target: nombra una etapa del Dockerfile`,
    unknownInstruction:
      "corrija esa línea; si es de un RUN <<EOF, el Dockerfile necesita BuildKit: instale docker-buildx (Debian, Ubuntu) o docker-buildx-plugin (docker.com); en Debian 12 basta con export DOCKER_BUILDKIT=1",
    needsBuildKit:
      "el Dockerfile necesita BuildKit: instale docker-buildx (Debian, Ubuntu) o docker-buildx-plugin (docker.com); en Debian 12 basta con export DOCKER_BUILDKIT=1",
    otherPlatform: "la imagen base es para otro procesador que el de esta máquina: elija una imagen para varias plataformas",
    otherProcessor: (image, found, node) =>
      `la imagen ${image} es para ${found}, y el nodo del clúster tiene ${node}: allí no podría arrancar`,
    buildFor: (dockerfile, processor) =>
      `haga que ${dockerfile} empiece con una imagen base que exista para linux/${processor}; quite --platform de sus líneas FROM, y DOCKER_DEFAULT_PLATFORM de este shell`,
    buildAgainFor: (image, builder, processor) =>
      `constrúyala de nuevo para el nodo: ${builder} build --platform linux/${processor} --tag ${image} CARPETA`,
    emulated: (image, found, node) =>
      `la imagen ${image} es para ${found}, y el nodo del clúster tiene ${node}: este computador lo emula, lo cual es lento`,
    temporaryRoom: "revise el espacio libre de la carpeta temporal",
    nodeImage: "la primera descarga de la imagen del nodo necesita internet",
    dockerGroup: "compruebe que este usuario puede usar Docker: agréguelo al grupo docker, o use sudo",
    get kindLogs() {
      return `vea «${kindCommand("export logs")}»: las causas habituales son poca memoria o demasiados inotify watches`;
    },
    kindWords: "vea arriba la salida de kind",
    kindWithoutPorts: (cluster, ports) => `el clúster «${cluster}» no asigna los puertos ${ports} de esta máquina a la aplicación`,
    kindAnew: (cluster) =>
      `se creó para un entorno con otros puertos: use de nuevo esos puertos (ingress.ports e ingress.nodePorts), o elimínelo con «${kindCommand(`delete cluster --name ${cluster}`)}» (esto elimina sus datos) y repita «up»`,
    installerFromInternet: "el instalador necesita internet",
    noScript: (url) => `${url} no devolvió un script`,
    proxyBetween: "revise si un proxy o una página de inicio de sesión intercepta la descarga",
    installerWords: "vea arriba la salida del instalador",
    rootKubeconfig: "solo root puede leer su kubeconfig: use sudo",
    noAnswer: (why) => `k3s no responde: ${why}`,
    k3sLogs: "vea «systemctl status k3s» y «journalctl -u k3s»",
  },
});
