import { jsonSchema } from "../../src/config/explain.ts";
import { LANGUAGES } from "../../src/language.ts";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** Every key with its description: also those of groups that a map or a choice holds. */
const meanings = (schema: Schema, path = ""): [key: string, description: string | undefined][] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([key, child]): [string, string | undefined][] => [
    [`${path}${key}`, child.description],
    ...meanings(child, `${path}${key}.`),
  ]),
  ...(typeof schema.additionalProperties === "object" ? meanings(schema.additionalProperties, `${path}NAME.`) : []),
  ...(schema.anyOf ?? []).flatMap((one) => meanings(one, path)),
];

test.each(LANGUAGES)("every key of an environment has its meaning in %s", (language) => {
  const all = meanings(jsonSchema(language));
  expect(all.map(([key]) => key)).toEqual(
    expect.arrayContaining(["alerting.mail.severities", "applications.NAME.port", "applications.NAME.database.requireTls"]),
  );
  expect(all.filter(([, description]) => !description).map(([key]) => key)).toEqual([]);
});

test("a meaning that is the same in both languages is a name", () => {
  const english = new Map(meanings(jsonSchema("en")));
  const same = meanings(jsonSchema("es")).flatMap(([key, description = ""]) => (english.get(key) === description ? [description] : []));
  expect(same.filter((description) => !/^[A-Z]\w+$/.test(description))).toEqual([]);
});
