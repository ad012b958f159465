// The way of the data: environment file → config → monitoring + charts → dist → cluster. What may know of what.
const rule = (name, from, to, comment) => ({ name, severity: "error", comment, from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    rule("src-knows-no-charts", "^src/", "^charts/", "charts import src; src never imports charts"),
    rule("charts-know-no-programs", "^(charts|src)/", "^(tools|test)/", "the project does not need its own tools"),
    rule("config-knows-no-monitoring", "^src/config/", "^src/(monitoring|constructs)/", "config is read first"),
    rule(
      "constructs-stand-alone",
      "^src/constructs/",
      "^(src/(?!constructs/)|charts/|imports/|tools/|test/)",
      "other cdk8s projects import them: they know nothing of config, cluster and cli",
    ),
    rule("monitoring-is-data", "^src/monitoring/", "node_modules/(cdk8s|cdk8s-plus-27|constructs)/", "rules and dashboards are plain data"),
    rule("config-is-plain", "^src/config/", "node_modules/(cdk8s|cdk8s-plus-27|constructs)/", "an environment is read without cdk8s"),
    rule(
      "only-transport-sends",
      "^(charts|src/(?!cluster/transport/))",
      "node_modules/@kubernetes/",
      "requests to a cluster have one place",
    ),
    rule("only-ec2-asks-aws", "^(charts|src/(?!ec2/)|tools)", "node_modules/@aws-sdk/", "requests to AWS have one place"),
    rule(
      "objects-know-no-server",
      "^src/cluster/objects/",
      "^src/cluster/(transport|observe|apply|verify|doctor)/",
      "objects are plain data",
    ),
    rule(
      "transport-knows-no-use",
      "^src/cluster/transport/",
      "^src/cluster/(observe|apply|verify|doctor)/",
      "requests do not know what they are for",
    ),
    rule(
      "observe-changes-nothing",
      "^src/cluster/observe/",
      "^src/cluster/(apply|verify|doctor)/",
      "what only reads does not know what writes",
    ),
    rule("apply-knows-no-checks", "^src/cluster/apply/", "^src/cluster/(verify|doctor)/", "checks look at an apply from outside"),
    {
      name: "charts-meet-in-the-root",
      severity: "error",
      comment: "components never import each other; values cross through app.ts",
      from: { path: "^charts/(?!app|synth|main)[^/]+\\.ts$" },
      to: { path: "^charts/(?!app\\.ts)[^/]+\\.ts$", dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".cjs", ".js"],
    },
  },
};
