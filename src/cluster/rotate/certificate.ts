import { createHash } from "node:crypto";
import { rotate as words } from "../../messages/rotate.ts";
import { deleteJob } from "../backup/job.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import type { Run } from "../transport/exec.ts";
import { nudge } from "../transport/nudge.ts";
import { mounts } from "./accounts.ts";
import script from "./reload-tls.sh";
import {
  change,
  type Kept,
  madeSecret,
  type Rotation,
  type RotationPlan,
  replacePods,
  runIn,
  seen,
  underWay,
  valueIn,
  type Wanted,
  within,
} from "./rotation.ts";

/** What makes the certificates: a CronJob whose Job is run once (charts/secrets.ts). */
const BOOTSTRAP = "bootstrap";
/** The exit code of reload-tls.sh while the kubelet has not brought the new certificate. */
const NOT_YET = 3;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/;

const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** The certificates of an environment. */
export interface Certificates {
  readonly namespace: string;
  readonly authority: Kept;
  /** MySQL's. */
  readonly database: Kept;
  /** All that the authority signs, MySQL's too. */
  readonly signed: readonly Kept[];
  /** The workloads that verify MySQL's. */
  readonly readers: readonly KubeObject[];
}

/** Runs the bootstrap Job once, to its end. @throws ClusterError */
async function bootstrap(rotation: Rotation, namespace: string): Promise<void> {
  const { client } = rotation;
  const cronJob = await client.find(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${BOOTSTRAP}`, `CronJob ${BOOTSTRAP}`);
  if (!cronJob) throw new ClusterError(words.noBootstrap, words.applyFirst());
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const body = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: `${BOOTSTRAP}-now-`, namespace, labels: cronJob.metadata.labels },
    spec: { ...cronJob.spec.jobTemplate.spec, ttlSecondsAfterFinished: 3600 },
  };
  const job: string = client.expect(await client.send({ method: "POST", path: jobs, body }), `Job ${BOOTSTRAP}`).body.metadata.name;
  const ended = async () => ((await client.find(`${jobs}/${job}`, `Job ${job}`))?.status?.succeeded ? true : undefined);
  await within(rotation, ended, () => words.bootstrapLate(job));
  await deleteJob(client, { namespace, job });
}

/** Deletes the authority that is to go; none where an earlier run did. @param sum of its certificate */
async function dropAuthority(client: Client, { namespace, secret }: Kept, sum: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${secret}`;
  const found = await client.find(path, `Secret ${secret}`);
  if (!found || sumOf(valueIn(found, "tls.crt")) !== sum) return;
  const body = { preconditions: { uid: found.metadata.uid, resourceVersion: found.metadata.resourceVersion } };
  client.expect(await client.send({ method: "DELETE", path, body }), `Secret ${secret}`);
}

/** On MySQL's pod, so that the kubelet brings it the certificate. */
const NUDGE = "cloudnova.dev/certificate";

/**
 * Makes another authority and certificates that it signs. While mysqld still shows the one of before, who connects to it learns to trust both
 * authorities; then it shows the new one, without a restart, and the authority before is trusted no more. A run that was cut off anywhere is
 * finished by the next one.
 *
 * @throws ClusterError, Interrupted
 */
export async function rotateCertificates(rotation: Rotation & { readonly run: Run }, certificates: Certificates): Promise<void> {
  const { client, note, run } = rotation;
  const { namespace, authority, database, signed, readers } = certificates;
  const found = await madeSecret(client, database);
  let [former] = underWay(found);
  if (former) note(words.resumed(authority.secret));
  else {
    former = sumOf(valueIn(await madeSecret(client, authority), "tls.crt"));
    await change(client, database, found, {}, [former]);
  }
  await dropAuthority(client, authority, former);
  await bootstrap(rotation, namespace);
  note(words.bothTrusted);
  await seen(rotation);
  for (const workload of readers) await replacePods(rotation, workload);

  const issued = valueIn(await madeSecret(client, database), "tls.crt");
  const server = { name: "mysql", namespace, component: "mysql" };
  for (const answer of await nudge(client, server, { [NUDGE]: new Date().toISOString() })) client.expect(answer, server.name);
  const shown = async () => {
    const { status, stderr } = await run(["bash", "-c", script, "reload-tls.sh", sumOf(issued)]);
    if (status !== 0 && status !== NOT_YET) throw new ClusterError(words.notShown(stderr.trim()), words.again());
    return status === 0 ? true : undefined;
  };
  await within(rotation, shown, () => words.notShown(""));
  for (const one of [...signed.filter(({ secret }) => secret !== database.secret), database]) {
    const secret = await madeSecret(client, one);
    await change(client, one, secret, { "ca.crt": CERTIFICATE.exec(valueIn(secret, "ca.crt"))?.[0] ?? "" }, []);
  }
  note(words.certificatesDone);
}

/** The certificates of an environment's manifests. */
export function certificatesIn(objects: readonly KubeObject[], namespace: string): Certificates {
  const plan = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === BOOTSTRAP)?.data?.["plan.json"];
  const server = objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "mysql");
  if (!plan || !server) throw new ClusterError(words.noServer);
  const { authority, certificates }: { authority: string; certificates: Record<string, unknown> } = JSON.parse(plan);
  const signed = Object.keys(certificates).map((secret) => ({ namespace, secret, key: "tls.crt" }));
  const database = signed.find((one) => mounts(server.spec.template.spec, one));
  if (!database) throw new ClusterError(words.noServer);
  const readers = objects.filter(
    ({ kind, metadata, spec }) =>
      kind === "Deployment" && metadata.namespace === namespace && mounts(spec.template.spec, { ...database, key: "ca.crt" }),
  );
  return { namespace, authority: { namespace, secret: authority, key: "tls.crt" }, database, signed, readers };
}

/** The plan of `cloudnova rotate certificate`. @throws ClusterError */
export async function planCertificates({ client, objects, namespace }: Wanted): Promise<RotationPlan> {
  const certificates = certificatesIn(objects, namespace);
  const { authority, database, signed, readers } = certificates;
  for (const one of signed) await madeSecret(client, one);
  // An earlier run may have deleted it already.
  if (underWay(await madeSecret(client, database)).length === 0) await madeSecret(client, authority);
  const run = await runIn(client, namespace, "mysql");
  return {
    changed: [authority, ...signed].map(({ secret }) => secret),
    restarted: readers.map(({ metadata }) => metadata.name),
    work: (rotation) => rotateCertificates({ ...rotation, run }, certificates),
  };
}
