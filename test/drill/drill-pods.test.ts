import type { KubeObject } from "../../src/cluster/objects/kube-object.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { injectFault } from "../../src/drill/break.ts";
import { drillsOf } from "../../src/drill/catalogue.ts";
import type { DrillContext } from "../../src/drill/context.ts";
import { manifestsOf, synthesiseFile } from "../manifests.ts";

test("where no sample runs, the pods of drills run an image that the environment has all the same", async () => {
  const file = "examples/django/environment.yaml";
  const { config } = loadEnvironment(file);
  expect(config.sample).toBe(false);
  const pods: KubeObject[] = [];
  const changes = { put: async (object: KubeObject) => pods.push(object) };
  const context = { changes, config, source: { namespace: config.namespace } } as unknown as DrillContext;
  const faults = drillsOf(config).flatMap((drill) => drill.faults(config).filter(({ kind }) => kind === "pod"));
  for (const fault of faults) await injectFault(context, fault, new AbortController().signal);
  expect(pods.map(({ metadata }) => metadata.name)).toEqual(["cloudnova-drill-burn", "cloudnova-drill-thrash", "cloudnova-drill-crash"]);
  const deployed = JSON.stringify(manifestsOf(synthesiseFile(file)));
  for (const { spec } of pods) {
    const [{ image, command }] = spec.containers;
    expect(deployed).toContain(`"image":"${image}"`);
    expect(command.slice(0, 2)).toEqual(["/cloudnova-helper", "drill"]);
  }
});
