import { Program } from "./bundled-program.ts";

const program = new Program();
afterAll(() => program.remove());

test("a reader that has seen enough, such as head, ends the command without a word", async () => {
  const { child, ended } = program.start(["up", "--help"]);
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ stderr: "" });
  expect(child.signalCode).toBe("SIGINT");
});
