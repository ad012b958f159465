import { messages } from "../language.ts";

/** What an environment takes of its machine, as `synth` and `doctor` print it. */
export const budget = messages({
  en: {
    columns: ["component", "count", "memory MiB", "limit MiB", "CPU m", "limit m"],
    requested: "requested",
    update: "extra pods during an update",
    onDemand: "or Grafana on demand",
    burst: "headroom for one container",
    scheduled: "reserve for backups and Jobs",
    needed: "needed at most",
    available: "available",
    volumes: (asked: number, available: number) =>
      `volumes: ${asked} MiB of the ${available} MiB of disk that remain after the system and the images`,
    volumesElsewhere: (asked: number) => `volumes: ${asked} MiB of the cluster's storage`,
    largestPod: (memory: number, cpu: number, hasMemory: number, hasCpu: number) =>
      `the largest pod requests ${memory} MiB and ${cpu} m, and one machine offers ${hasMemory} MiB and ${hasCpu} m; choose larger machines (machine.instance, or machine.memory and machine.cpu), or lower its requests`,
    bundled: (name: string) => `${name} (the cluster's)`,
    memory: (requests: number, update: number, scheduled: number, over: number, available: number) =>
      `memory: requests of ${requests} MiB, ${update} MiB of extra pods and ${scheduled} MiB for scheduled Jobs are ${over} MiB more than the ${available} MiB available; choose a machine with more memory (machine.instance or machine.memory), lower applications.NAME.replicas (of the sample: applications.webapp.sample.workers, applications.webapp.sample.replicas or applications.webapp.sample.autoscaling.maxReplicas), set monitoring.grafana to on-demand, or lower the memory under resources`,
    memoryBurst: (burst: number, used: number, over: number, available: number) =>
      `memory: with one container at its limit (+${burst} MiB) ${used} MiB are used, ${over} MiB more than the ${available} MiB available; choose a machine with more memory (machine.instance or machine.memory), lower applications.NAME.replicas (of the sample: applications.webapp.sample.replicas or applications.webapp.sample.workers), or lower the memoryLimit of the largest component under resources`,
    cpu: (requests: number, over: number, available: number) =>
      `CPU: requests of ${requests} m are ${over} m more than the ${available} m available; choose a machine with more CPU (machine.instance or machine.cpu), lower applications.NAME.replicas (of the sample: applications.webapp.sample.replicas), or lower cpu under resources`,
    disk: (volumes: number, over: number, available: number) =>
      `disk: volumes of ${volumes} MiB are ${over} MiB more than the ${available} MiB that remain after the system and the images; raise machine.disk, or lower database.volume, monitoring.volume or backups.volume`,
    // synth
    tooLarge: (file: string) => `${file}: does not fit on its machine`,
    noReceiver: "No alert receiver is configured, so nobody will be notified (docs/alerting.md)",
    written: (environment: string, count: number, folder: string) => `${environment}: ${count} charts in ${folder}`,
    oneName: (files: string) => `two environments have the same name; rename one of the files: ${files}`,
    stays: (name: string, folder: string) =>
      `${folder} was not changed: environments/ has no '${name}'. 'status' and 'down' need the folder while '${name}' runs; remove it after that.`,
    emptied: (folder: string, gone: string) =>
      `cdk8s synth deleted the contents of ${folder}/, including ${gone}. 'npm run synth' writes them again and never deletes them.`,
    fileSystem: (path: string | undefined, why: string) => `cannot write or read ${path ?? "a file"}: ${why}; nothing was changed`,
    usage: (folder: string) => `usage: synth [--outdir FOLDER] [--quiet] [--language en|es] [ENVIRONMENT...]

Writes FOLDER/<environment>/ (default: ${folder}/). An environment is a name (kind, k3s-ec2, s0 ...) or the path of a file;
without one: CLOUDNOVA_ENV, else every file in environments/. Other folders in FOLDER are left alone.`,
  },
  es: {
    columns: ["componente", "cantidad", "memoria MiB", "límite MiB", "CPU m", "límite m"],
    requested: "solicitado",
    update: "pods extra en una actualización",
    onDemand: "o Grafana bajo demanda",
    burst: "margen para un contenedor",
    scheduled: "reserva para respaldos y Jobs",
    needed: "se necesita como máximo",
    available: "disponible",
    volumes: (asked, available) => `volúmenes: ${asked} MiB de los ${available} MiB de disco que quedan después del sistema y las imágenes`,
    volumesElsewhere: (asked) => `volúmenes: ${asked} MiB del almacenamiento del clúster`,
    largestPod: (memory, cpu, hasMemory, hasCpu) =>
      `el pod mayor solicita ${memory} MiB y ${cpu} m, y una máquina ofrece ${hasMemory} MiB y ${hasCpu} m; elija máquinas mayores (machine.instance, o machine.memory y machine.cpu), o reduzca lo que solicita`,
    bundled: (name) => `${name} (del clúster)`,
    memory: (requests, update, scheduled, over, available) =>
      `memoria: ${requests} MiB solicitados, ${update} MiB de pods extra y ${scheduled} MiB para Jobs programados son ${over} MiB más que los ${available} MiB disponibles; elija una máquina con más memoria (machine.instance o machine.memory), reduzca applications.NOMBRE.replicas (de la de ejemplo: applications.webapp.sample.workers, applications.webapp.sample.replicas o applications.webapp.sample.autoscaling.maxReplicas), ponga monitoring.grafana en on-demand, o reduzca memory en resources`,
    memoryBurst: (burst, used, over, available) =>
      `memoria: con un contenedor en su límite (+${burst} MiB) se usan ${used} MiB, ${over} MiB más que los ${available} MiB disponibles; elija una máquina con más memoria (machine.instance o machine.memory), reduzca applications.NOMBRE.replicas (de la de ejemplo: applications.webapp.sample.replicas o applications.webapp.sample.workers), o reduzca memoryLimit del componente mayor en resources`,
    cpu: (requests, over, available) =>
      `CPU: ${requests} m solicitados son ${over} m más que los ${available} m disponibles; elija una máquina con más CPU (machine.instance o machine.cpu), reduzca applications.NOMBRE.replicas (de la de ejemplo: applications.webapp.sample.replicas), o reduzca cpu en resources`,
    disk: (volumes, over, available) =>
      `disco: ${volumes} MiB de volúmenes son ${over} MiB más que los ${available} MiB que quedan después del sistema y las imágenes; aumente machine.disk, o reduzca database.volume, monitoring.volume o backups.volume`,
    tooLarge: (file) => `${file}: no cabe en su máquina`,
    noReceiver: "No hay ningún receptor de alertas configurado; nadie recibirá notificaciones (docs/alerting.es.md)",
    written: (environment, count, folder) => `${environment}: ${count} charts en ${folder}`,
    oneName: (files) => `dos entornos con el mismo nombre; cambie el nombre de uno de los archivos: ${files}`,
    stays: (name, folder) =>
      `${folder} no se cambió: environments/ no tiene «${name}». «status» y «down» necesitan la carpeta mientras «${name}» esté en ejecución; después, elimínela.`,
    emptied: (folder, gone) =>
      `cdk8s synth eliminó el contenido de ${folder}/, incluido ${gone}. «npm run synth» lo escribe de nuevo y nunca lo elimina.`,
    fileSystem: (path, why) => `no se puede escribir o leer ${path ?? "un archivo"}: ${why}; no se cambió nada`,
    usage: (folder) => `uso: synth [--outdir CARPETA] [--quiet] [--language en|es] [ENTORNO...]

Escribe CARPETA/<entorno>/ (por defecto: ${folder}/). Un entorno es un nombre (kind, k3s-ec2, s0 ...) o la ruta de un archivo;
si no se da ninguno: CLOUDNOVA_ENV o, si falta, cada archivo de environments/. Las demás carpetas de CARPETA no se tocan.`,
  },
});
