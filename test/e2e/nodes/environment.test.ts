import { stringify } from "yaml";
import { find, manifestsOf, synthesiseText } from "../../manifests.ts";
import { environmentOfNodes, MYSQL_HOST } from "./environment.ts";

test("the environment of the three nodes is valid, and has what environments/eks.yaml promises", () => {
  const manifests = manifestsOf(synthesiseText(stringify(environmentOfNodes()), "e2e"));
  const kinds = (name: string) => manifests.filter(({ metadata }) => metadata.name === name).map(({ kind }) => kind);
  expect(kinds("webapp")).toEqual(expect.arrayContaining(["Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler"]));
  expect(kinds("mysql")).not.toContain("StatefulSet");
  expect(find(manifests, "Service", "traefik").spec).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
  const env: { name: string; value?: string }[] = find(manifests, "Deployment", "webapp").spec.template.spec.containers[0].env;
  expect(env).toContainEqual({ name: "DATABASE_HOST", value: MYSQL_HOST });
});
