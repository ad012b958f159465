import { z } from "zod";
import { must } from "./units.ts";

const text = (pattern: RegExp, what: Parameters<typeof must>[0], most: number) =>
  z.string(must(what)).max(most, must(what)).regex(pattern, must(what));

/** The machine on EC2 that `cloudnova ec2` creates. */
export const ec2 = z
  .strictObject({
    region: text(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, "awsRegion", 30)
      .default("us-east-1")
      .meta({ en: "Region of AWS", es: "Región de AWS" }),
    keyPair: text(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, "keyPair", 255)
      .optional()
      .meta({
        en: "Existing key pair of that region. Default: one is made of your public ssh key, ~/.ssh/id_ed25519.pub or id_rsa.pub",
        es: "Par de claves que ya existe en esa región. Por defecto: se crea uno con su clave pública de ssh, ~/.ssh/id_ed25519.pub o id_rsa.pub",
      }),
    ssh: z.enum(["own-address", "session-manager"]).default("own-address").meta({
      en: "How ssh arrives: own-address opens port 22 to your own addresses; session-manager opens no port and goes through AWS Systems Manager",
      es: "Por dónde llega ssh: own-address abre el puerto 22 a sus propias direcciones; session-manager no abre ningún puerto y pasa por AWS Systems Manager",
    }),
    laboratory: z.boolean().default(false).meta({
      en: "A student laboratory (AWS Academy): no roles are created, so no daily snapshots; the instance profile exists already",
      es: "Un laboratorio de estudiantes (AWS Academy): no se crean roles, así que no hay snapshots diarios; el perfil de instancia ya existe",
    }),
    instanceProfile: text(/^[\w+=,.@-]+$/, "instanceProfile", 128)
      .optional()
      .meta({
        en: "Existing instance profile. Default: LabInstanceProfile in a laboratory, else one is created with the rights for Session Manager and backups",
        es: "Perfil de instancia que ya existe. Por defecto: LabInstanceProfile en un laboratorio; si no, se crea uno con los permisos para Session Manager y respaldos",
      }),
    elasticIp: z.boolean().optional().meta({
      en: "A fixed public address. Default: true, in a laboratory false",
      es: "Una dirección pública fija. Por defecto: true; en un laboratorio, false",
    }),
    subnet: text(/^subnet-[0-9a-f]{8,17}$/, "subnet", 24)
      .optional()
      .meta({ en: "Public subnet. Default: one of the default VPC", es: "Subred pública. Por defecto: una de la VPC por defecto" }),
    snapshots: z.int().min(0).max(100).optional().meta({
      en: "How many daily snapshots of the data volume are kept; 0: none are made. Default: 7, in a laboratory 0",
      es: "Cuántos snapshots diarios del volumen de datos se conservan; 0: no se hacen. Por defecto: 7; en un laboratorio, 0",
    }),
    backups: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[\w!.*'()-]+(\/[\w!.*'()-]+)*$/, "bucketPrefix", 300)
      .optional()
      .meta({
        en: "S3 bucket and prefix, BUCKET/PREFIX, to which the machine itself copies the encrypted backups every hour, by its role. Only the machine's first start sets this up. Commands and alerts do not see that copy, but that of backups.store",
        es: "Bucket y prefijo de S3, BUCKET/PREFIJO, adonde la propia máquina copia cada hora los respaldos cifrados, con su rol. Solo el primer arranque de la máquina lo prepara. Los comandos y las alertas no ven esa copia, sino la de backups.store",
      }),
    cpuCredits: z.enum(["standard", "unlimited"]).default("standard").meta({
      en: "standard: without CPU credits the machine is slow; unlimited: it stays fast, and the surplus is charged",
      es: "standard: sin créditos de CPU la máquina es lenta; unlimited: sigue rápida y el exceso se cobra",
    }),
  })
  .meta({
    en: "The EC2 machine that `cloudnova ec2` creates; needs machine.instance",
    es: "La máquina de EC2 que crea `cloudnova ec2`; necesita machine.instance",
  });

type Given = z.output<typeof ec2>;

/** The settings with every default decided. */
export type Ec2 = Omit<Given, "elasticIp" | "snapshots"> & { readonly elasticIp: boolean; readonly snapshots: number };

/** The instance profile that AWS Academy's learner laboratories come with. */
const LABORATORY_PROFILE = "LabInstanceProfile";

/** Decides the defaults that depend on `laboratory`. */
export function resolveEc2(given: Given): Ec2 {
  const { laboratory } = given;
  return {
    ...given,
    instanceProfile: given.instanceProfile ?? (laboratory ? LABORATORY_PROFILE : undefined),
    elasticIp: given.elasticIp ?? !laboratory,
    snapshots: given.snapshots ?? (laboratory ? 0 : 7),
  };
}
