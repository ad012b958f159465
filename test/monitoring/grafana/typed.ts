import { join, relative } from "node:path";
import ts from "typescript";

/** Beside board.ts, where no file is: the compiler is told that there are. */
const FOLDER = __dirname;
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

/** Where in the JSON a fault lies, such as `panels.3.options.legend`. */
function placeOf(source: ts.SourceFile, position: number): string {
  const steps: string[] = [];
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(source) || position >= node.end) return;
    if (ts.isPropertyAssignment(node)) steps.push(node.name.getText(source).replaceAll('"', ""));
    if (ts.isArrayLiteralExpression(node)) {
      steps.push(String(node.elements.findIndex((one) => position >= one.getStart(source) && position < one.end)));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return steps.join(".");
}

/**
 * Holds dashboards against the types of board.ts, as the compiler holds a literal that somebody wrote: a key that is not in
 * the type, a value of another type or outside of an enumeration, a kind of panel that is none.
 *
 * @param boards by name. One run for all: reading Grafana's types takes longer than checking against them
 * @returns faults by name, as `place: what the compiler says`
 */
export function faults(boards: ReadonlyMap<string, unknown>): ReadonlyMap<string, readonly string[]> {
  const files = new Map(
    [...boards].map(([name, board]) => [
      join(FOLDER, `${name}.virtual.ts`),
      `import type { Board } from "./board.ts";\nexport const board: Board = ${JSON.stringify(board)};\n`,
    ]),
  );
  const host = ts.createCompilerHost(OPTIONS, true);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  const told = (file: string) => {
    const source = program.getSourceFile(file);
    if (!source) throw new Error(`${file} was not read`);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start = 0, messageText }) => `${placeOf(source, start)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
  };
  const broken = program.getOptionsDiagnostics().concat(program.getSemanticDiagnostics(program.getSourceFile(join(FOLDER, "board.ts"))));
  if (broken.length > 0) throw new Error(`${relative(".", FOLDER)}: ${ts.formatDiagnostics(broken, host)}`);
  return new Map([...files.keys()].map((file, index) => [[...boards.keys()][index] ?? "", told(file)]));
}
