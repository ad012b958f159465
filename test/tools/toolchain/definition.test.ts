import { definitionHash, requiredVersion } from "../../../tools/toolchain/definition.ts";
import { linkerFlags } from "../../../tools/toolchain/go.ts";

describe("definitionHash", () => {
  const files = { "go.mod": "module a\n", "go.sum": "x\n" };

  test("does not depend on the order of the files", () => {
    expect(definitionHash({ "go.sum": "x\n", "go.mod": "module a\n" }, ["linux"])).toBe(definitionHash(files, ["linux"]));
  });

  test.each([
    ["a file's text", { ...files, "go.sum": "y\n" }, ["linux"]],
    ["a file's name", { "go.mod": "module a\n", "go.work": "x\n" }, ["linux"]],
    ["one more file", { ...files, "main.go": "" }, ["linux"]],
    ["the recipe", files, ["darwin"]],
  ])("changes with %s", (_, changed, recipe) => {
    expect(definitionHash(changed, recipe)).not.toBe(definitionHash(files, ["linux"]));
  });

  test("is fit for a folder's name", () => {
    expect(definitionHash(files, [])).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe("requiredVersion", () => {
  test.each([
    ["a line of its own", "module a\n\nrequire k8s.io/kubernetes v1.34.2\n"],
    ["a block", "require (\n\tk8s.io/api v0.34.2\n\tk8s.io/kubernetes v1.34.2 // indirect\n)\n"],
  ])("is found in %s", (_, text) => {
    expect(requiredVersion(text, "k8s.io/kubernetes")).toBe("v1.34.2");
  });

  test("a module that is only replaced is not required", () => {
    expect(() => requiredVersion("replace k8s.io/api => k8s.io/api v0.34.2\n", "k8s.io/api")).toThrow("go.mod requires no k8s.io/api");
  });
});

test("the version is stamped in where a program asks for it, and nowhere else", () => {
  const definition = { "go.mod": "require example.org/m v1.34.2\n" };
  const program = { kind: "go", commands: {} } as const;
  expect(linkerFlags(program, definition)).toBe("-s -w");
  const stamped = linkerFlags({ ...program, stamp: { module: "example.org/m", packages: ["example.org/v"] } }, definition);
  expect(stamped).toBe("-s -w -X example.org/v.gitVersion=v1.34.2 -X example.org/v.gitMajor=1 -X example.org/v.gitMinor=34");
});
