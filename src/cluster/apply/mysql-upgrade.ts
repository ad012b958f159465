import { refusal as say } from "../../messages/refusal.ts";
import { seriesOf } from "../../versions.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Refusal } from "./refusal.ts";

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

const isOlder = (one: string, other: string) => one.localeCompare(other, "en", { numeric: true }) < 0;

/**
 * Why MySQL's StatefulSet is not applied over the one that is there: its image is of a later series, and the environment does not
 * name that series. mysqld would upgrade the data at its start. MySQL's init container refuses that too, but the database is away
 * then; this keeps the old one running. Undefined for every other object, and where a tag names no series.
 *
 * @param live the object as it is in the cluster
 */
export function unnamedUpgrade(object: KubeObject, live: KubeObject | undefined): Refusal | undefined {
  if (object.kind !== "StatefulSet" || object.metadata.name !== "mysql" || !live) return undefined;
  const mysql = ({ spec }: KubeObject): string =>
    ((spec?.template?.spec?.containers ?? []) as Container[]).find(({ name }) => name === "mysql")?.image ?? "";
  const [from, to] = [mysql(live), mysql(object)];
  const [older, newer] = [seriesOf(from), seriesOf(to)];
  const prepare = ((object.spec?.template?.spec?.initContainers ?? []) as Container[]).flatMap(({ env = [] }) => env);
  const named = prepare.find(({ name }) => name === "UPGRADE_TO")?.value;
  if (!older || !newer || !isOlder(older, newer) || named === newer) return undefined;
  return { outcome: "refused", message: say.wouldUpgrade(from, to), advice: say.nameSeries(from, newer) };
}
