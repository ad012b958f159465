import * as kplus from "cdk8s-plus-27";

/**
 * A ConfigMap as a read-only folder of files; the volume has the ConfigMap's name. A changed ConfigMap changes the files.
 * @throws Error on the second call for one ConfigMap: its volume is a part of it
 */
export function configMount(config: kplus.ConfigMap, path: string): kplus.VolumeMount {
  return { path, readOnly: true, volume: kplus.Volume.fromConfigMap(config, "volume", config, { name: config.name }) };
}
