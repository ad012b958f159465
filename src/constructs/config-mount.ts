import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";

/** A ConfigMap as a read-only folder of files; the volume has the ConfigMap's name. A changed ConfigMap changes the files. */
export function configMount(scope: Construct, config: kplus.ConfigMap, path: string): kplus.VolumeMount {
  return { path, readOnly: true, volume: kplus.Volume.fromConfigMap(scope, `volume-of-${config.name}`, config, { name: config.name }) };
}
