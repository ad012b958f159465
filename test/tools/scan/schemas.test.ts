import { flatten, schemaFile, strictCrdSchema } from "../../../tools/scan/schemas.ts";

const ref = (name: string) => ({ $ref: `/api/_definitions.json#/$defs/${name}` });

describe("flatten", () => {
  const definitions = {
    Spec: {
      description: "text",
      properties: { size: { type: "integer" }, next: ref("Spec"), items: { type: "array", items: ref("Item") } },
    },
    Item: { type: "string" },
    Unused: { type: "object" },
  };

  test("brings along all that is referred to, itself included, and nothing else", () => {
    expect(flatten({ properties: { spec: ref("Spec") } }, definitions)).toEqual({
      properties: { spec: { $ref: "#/$defs/Spec" } },
      $defs: {
        Spec: {
          properties: {
            size: { type: "integer" },
            next: { $ref: "#/$defs/Spec" },
            items: { type: "array", items: { $ref: "#/$defs/Item" } },
          },
        },
        Item: { type: "string" },
      },
    });
  });

  test("drops descriptions, but not a property of that name", () => {
    const schema = { description: "text", properties: { description: { type: "string", description: "text" } } };
    expect(flatten(schema, {})).toEqual({ properties: { description: { type: "string" } }, $defs: {} });
  });

  test("a reference that leads nowhere is an error", () => {
    expect(() => flatten({ properties: { spec: ref("Missing") } }, definitions)).toThrow("leads nowhere");
  });
});

describe("strictCrdSchema", () => {
  const spec = { type: "object", properties: { values: { type: "string" } } };

  test("forbids fields that are not declared, at every level", () => {
    const strict = strictCrdSchema({ type: "object", properties: { spec } });
    expect(strict).toMatchObject({ additionalProperties: false, properties: { spec: { additionalProperties: false } } });
    expect(Object.keys(strict["properties"] as object)).toEqual(["spec", "apiVersion", "kind", "metadata"]);
  });

  test("leaves alone what the definition keeps open", () => {
    const open = { ...spec, "x-kubernetes-preserve-unknown-fields": true };
    const map = { type: "object", additionalProperties: { type: "string" } };
    const strict = strictCrdSchema({ type: "object", properties: { open, map } });
    expect(strict).toMatchObject({ properties: { open, map } });
    expect(strict).not.toHaveProperty("properties.open.additionalProperties");
  });

  test("a property called type does not make a map of properties a schema", () => {
    const odd = {
      type: "object",
      properties: { type: { type: "string" }, properties: { type: "object", additionalProperties: { type: "string" } } },
    };
    expect(strictCrdSchema({ type: "object", properties: { spec: odd } })).toHaveProperty("properties.spec.properties", odd.properties);
  });
});

test.each([
  ["v1", "Service", "service-v1.json"],
  ["apps/v1", "Deployment", "deployment-apps-v1.json"],
  ["networking.k8s.io/v1", "NetworkPolicy", "networkpolicy-networking-v1.json"],
])("%s %s is in %s", (apiVersion, kind, file) => {
  expect(schemaFile(apiVersion, kind)).toBe(file);
});
