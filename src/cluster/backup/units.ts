import { BACKUP, GRAFANA } from "../../backups.ts";
import { backup as words } from "../../messages/backup.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Scalable } from "../transport/replicas.ts";

/** What a restore stops while it replaces the data, and how many pods it has. */
export interface Stoppable extends Pick<Scalable, "kind" | "name"> {
  readonly replicas: number;
}

/** What is backed up in one namespace, as the manifests have it. */
export interface Unit {
  /** The namespace, and the unit's name. */
  readonly name: string;
  /** The owner's public keys. */
  readonly recipients: readonly string[];
  /** Whether copies go to a store outside. */
  readonly offsite: boolean;
  /** The Deployments whose data it is; a restore stops them. */
  readonly applications: readonly Stoppable[];
  /** Grafana, where its database is backed up with this. */
  readonly grafana?: Stoppable;
}

/** Where a Deployment is the user's application or the sample, and no part of CloudNova. */
const isApplication = ({ kind, metadata }: KubeObject): boolean =>
  kind === "Deployment" && metadata.labels?.["app.kubernetes.io/component"] === "application";

const stoppable = ({ kind, metadata, spec }: KubeObject): Stoppable => ({
  kind: kind as Scalable["kind"],
  name: metadata.name,
  replicas: spec.replicas ?? 1,
});

const isGrafana = ({ kind, metadata }: KubeObject): boolean => kind === "StatefulSet" && metadata.name === GRAFANA.name;

/** The units of an environment's manifests, its own namespace first; none where backups are off. */
export function unitsIn(objects: readonly KubeObject[]): Unit[] {
  const plans = objects.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === BACKUP);
  return plans.map(({ metadata: { namespace = "" }, data }) => {
    const { recipients, store, grafana } = JSON.parse(data["plan.json"]);
    const workloads = objects.filter(({ metadata }) => metadata.namespace === namespace);
    const itsGrafana = grafana ? workloads.find(isGrafana) : undefined;
    return {
      name: namespace,
      recipients,
      offsite: store !== null,
      applications: workloads.filter(isApplication).map(stoppable),
      ...(itsGrafana && { grafana: stoppable(itsGrafana) }),
    };
  });
}

/** A backup's name: its unit, and the time at which it was begun. */
const NAME = /^(.+)-\d{8}T\d{6}Z$/;

/** Whether a word is a backup's name. */
export const isBackupName = (word: string): boolean => NAME.test(word);

/** The unit of a backup. @throws ClusterError when its name is none, or of a namespace that is not backed up here */
export function unitOf(units: readonly Unit[], name: string): Unit {
  const [, namespace] = NAME.exec(name) ?? [];
  if (namespace === undefined) throw new ClusterError(words.noName(name), words.seeList());
  return unitNamed(units, namespace);
}

/** The unit of a namespace, or of an application by its own name. @throws ClusterError that lists the units */
export function unitNamed(units: readonly Unit[], name: string): Unit {
  const found = units.find((unit) => unit.name === name) ?? units.find((unit) => unit.applications.some((one) => one.name === name));
  if (found) return found;
  throw new ClusterError(words.noUnit(name), words.unitsAre(units.map((unit) => unit.name).join(", ")));
}
