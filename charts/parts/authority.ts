import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import { AUTHORITY_CONFIG_MAP, type Authority } from "../../src/database.ts";
import { type Identity, labels } from "../../src/labels.ts";

/**
 * Mounts the authority of MySQL's certificate as the file ca.crt of a folder.
 * @param name of the volume
 */
export function authorityMount(scope: Construct, id: string, authority: Authority, path: string, name = id): kplus.VolumeMount {
  const own = new Construct(scope, id);
  const items = { [authority.key]: { path: "ca.crt" } };
  const volume =
    "secret" in authority
      ? kplus.Volume.fromSecret(own, "volume", kplus.Secret.fromSecretName(own, "secret", authority.secret), {
          name,
          defaultMode: 0o440,
          items,
        })
      : kplus.Volume.fromConfigMap(own, "volume", kplus.ConfigMap.fromConfigMapName(own, "map", authority.configMap), { name, items });
  return { path, readOnly: true, volume };
}

/** Certificates that an environment names as a file, for the pods of one namespace. */
export function authorityConfigMap(scope: Construct, namespace: string, certificates: string): void {
  const identity: Identity = { name: AUTHORITY_CONFIG_MAP, component: "database" };
  new kplus.ConfigMap(scope, `authority-${namespace}`, {
    metadata: { name: AUTHORITY_CONFIG_MAP, namespace, labels: labels(identity) },
    data: { "ca.crt": certificates },
  });
}
