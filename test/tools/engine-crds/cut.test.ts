import { cut, type Definition } from "../../../tools/engine-crds/cut.ts";

const definition: Definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "plans.example.org" },
  spec: {
    group: "example.org",
    scope: "Namespaced",
    names: { kind: "Plan", plural: "plans", singular: "plan" },
    versions: [
      {
        name: "v1",
        schema: {
          openAPIV3Schema: {
            type: "object",
            required: ["spec"],
            properties: {
              spec: {
                type: "object",
                required: ["url"],
                properties: {
                  url: { type: "string" },
                  other: { type: "string" },
                  steps: { type: "array", items: { type: "object", properties: { name: { type: "string" }, note: { type: "string" } } } },
                },
              },
              status: { type: "object" },
            },
          },
        },
      },
    ],
  },
};

test("only the kept keys of the spec are left, also below a list", () => {
  const result = cut(definition, "v1", { url: true, steps: { name: true } }) as Definition;
  expect(result.spec.versions[0]?.schema.openAPIV3Schema).toEqual({
    type: "object",
    required: ["spec"],
    properties: {
      spec: {
        type: "object",
        required: ["url"],
        properties: {
          url: { type: "string" },
          steps: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
        },
      },
    },
  });
});

test.each([
  ["a key that is required is dropped", "v1", { steps: true }, "plans.example.org: spec.url: the schema requires it, so it has to be kept"],
  ["a key is kept that is not there", "v1", { url: true, nmae: true }, "plans.example.org: spec.nmae: the schema has no such key"],
  ["there is no such version", "v2", { url: true }, "plans.example.org has no version v2"],
] as const)("it says so when %s", (_, version, kept, message) => {
  expect(() => cut(definition, version, kept)).toThrow(message);
});
