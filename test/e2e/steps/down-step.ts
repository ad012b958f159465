import { comesBack } from "../suite/health.ts";
import type { Step } from "../suite/step.ts";
import { VOLUMES } from "../suite/volume.ts";
import { expect, until } from "../suite/wait.ts";

export const DOWN: readonly Step[] = [
  {
    name: "down",
    expects: "every pod is gone, the volumes stay",
    run: async (stage) => {
      stage.load.stop();
      await stage.must("down", "--yes");
      expect("pods", await stage.pods(), []);
      const volumes = (await stage.objects("pvc")).map(({ metadata }) => metadata.name).sort();
      expect("volumes", volumes, ["alertmanager-data", "backup-data", "grafana-data", "mysql-data", "prometheus-data"]);
      return `volumes: ${volumes.join(", ")}`;
    },
  },
  {
    name: "up after down",
    expects: "every user that was ever acknowledged is there",
    run: async (stage) => {
      await stage.must("up", "--no-synth", "--no-doctor", "--no-verify");
      return comesBack(stage);
    },
  },
  {
    name: "down --delete-data",
    expects: "namespaces and volumes are gone, also from the node's disk",
    run: async (stage) => {
      await stage.kubectl("delete", "configmap", "somebody-elses", "--namespace", "cloudnova", "--ignore-not-found");
      await stage.must("down", "--delete-data", "--yes");
      const names = await stage.kubectl("get", "namespaces", "--output", "name");
      if (names.includes("cloudnova")) throw new Error(`still there: ${names}`);
      await until("the volumes are gone", 60, async () => {
        const left = `${await stage.kubectl("get", "pv", "--output", "name")}${await stage.inNode(`ls ${VOLUMES}`)}`.trim();
        if (left !== "") throw new Error(left);
        return true;
      });
      return "no namespace, no volume, no file of one";
    },
  },
];
