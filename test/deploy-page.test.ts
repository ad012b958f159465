import { readFileSync } from "node:fs";
import { EVERYTHING } from "./everything.ts";
import { type Manifest, manifestsOf, synthesiseFile, synthesiseText } from "./manifests.ts";

// The tables of docs/deploy.md name every kind of each file, and every object of an application.

const WEB = `cluster: kind
machine: { memory: 16Gi, cpu: "8", disk: 40Gi }
applications:
  web:
    image: "web:1"
    ingress: { path: / }
    database: { initialise: [../examples/flask-sqlalchemy/init.sql] }
    volumes: { uploads: { path: /srv } }
    secrets: { KEY: { generate: true } }
    metrics: {}
    autoscaling: { maxReplicas: 3 }
`;
const ENVIRONMENTS = [
  ["kind", synthesiseText(EVERYTHING.kind)],
  ["k3s", synthesiseText(EVERYTHING.k3s)],
  ["EKS", synthesiseFile("environments/eks.yaml")],
] as const;
const web = synthesiseText(WEB);

/** The kinds of each file, such as `35-application-shop: Ingress`. */
const kindsOf = (synthesis: typeof web): string[] => [
  ...new Set(
    [...synthesis.files.keys()]
      .filter((file) => file.endsWith(".yaml"))
      .flatMap((file) =>
        manifestsOf({ ...synthesis, files: new Map([[file, synthesis.files.get(file) ?? ""]]) }).map(
          ({ kind }: Manifest) => `${file.replace(".k8s.yaml", "")}: ${kind}`,
        ),
      ),
  ),
];

describe.each(["docs/deploy.md", "docs/deploy.es.md"])("%s", (page) => {
  const rows = [...readFileSync(page, "utf8").matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.split(" | "));

  test.each(ENVIRONMENTS)("names the kinds of each file on %s", (_, synthesis) => {
    const missing = kindsOf(synthesis).filter((one) => {
      const [file = "", kind = ""] = one.split(": ");
      if (/^3[57]-/.test(file)) return false; // the second table
      return !rows.some(([first = "", kinds = ""]) => first.includes(`\`${file}\``) && new RegExp(`\\b${kind}\\b`).test(kinds));
    });
    expect(missing).toEqual([]);
  });

  test("names each object of an application, with its file", () => {
    const described = rows.flatMap(([object = "", file = ""]) =>
      [...object.matchAll(/((?:\w+, )*\w+) ((?:`[^`]+`(?:, )?)+)/g)].flatMap(([, kinds = "", names = ""]) =>
        kinds.split(", ").flatMap((kind) =>
          [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => ({
            kind,
            file: file.replaceAll("`", ""),
            name: new RegExp(`^${name.replace(/…|VOLUMEN?$/, ".*")}$`),
          })),
        ),
      ),
    );
    const missing = [...web.files].flatMap(([path, text]) =>
      manifestsOf({ ...web, files: new Map([[path, text]]) })
        .filter(({ metadata }) => [metadata?.namespace, metadata?.name].includes("cloudnova-web"))
        .filter(
          ({ kind, metadata }) => !described.some((one) => one.kind === kind && one.name.test(metadata.name) && path.startsWith(one.file)),
        )
        .map(({ kind, metadata }) => `${path}: ${kind}/${metadata.name}`),
    );
    expect(missing).toEqual([]);
  });
});
