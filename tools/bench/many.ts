import { ApiObject, type ApiObjectProps, Chart } from "cdk8s";
import { createApp, manifests, objects } from "../../charts/app.ts";
import { writeInto } from "../../charts/write.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { environmentFile } from "../../src/environments.ts";

// Synthesises an environment with N objects more in one chart of its own: copies of the environment's objects under
// other names, so that the mix stays that of the real stack. Usage: node many.cjs ENVIRONMENT N OUTDIR
const [environment = "", more = "", outdir = ""] = process.argv.slice(2);
const app = createApp(loadEnvironment(environmentFile(environment)));
const models = [...objects(app).values()].flat() as unknown as ApiObjectProps[];
const extra = new Chart(app, "99-extra");
for (let index = 0; index < Number(more); index++) {
  const { metadata, ...rest } = models[index % models.length] as ApiObjectProps;
  new ApiObject(extra, `extra-${index}`, { ...rest, metadata: { ...metadata, name: `${metadata?.name}-${index}` } });
}
writeInto(outdir, new Map([["out", manifests(objects(app))]]));
