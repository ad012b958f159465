/** A line of a comparison: in both texts, only in the old one, or only in the new one. */
export interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Cells of the table below that are worth their memory: two texts of 5,000 changed lines each. */
const MOST_CELLS = 25_000_000;

/** Compares two texts by line: what they have in common at both ends, and the longest common lines in order between. */
export function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  let end = 0;
  while (end < least - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (list: readonly string[]) => list.map((text): Line => ({ mark: " ", text }));
  const middle = compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const [rows, columns] = [before.length, after.length];
  const out = before.map((text): Line => ({ mark: "-", text }));
  const fresh = after.map((text): Line => ({ mark: "+", text }));
  if (rows === 0 || columns === 0 || rows * columns > MOST_CELLS) return [...out, ...fresh];
  const common = commonLengths(before, after);
  const at = (row: number, column: number) => common[row * (columns + 1) + column] ?? 0;
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < rows && column < columns) {
    if (before[row] === after[column]) {
      lines.push({ mark: " ", text: before[row++] ?? "" });
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) lines.push(out[row++] as Line);
    else lines.push(fresh[column++] as Line);
  }
  return [...lines, ...out.slice(row), ...fresh.slice(column)];
}

/** How many lines the rest of both texts have in common, from each pair of places on. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const table = new Uint32Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const index = row * width + column;
      const [below, right, both] = [table[index + width] ?? 0, table[index + 1] ?? 0, table[index + width + 1] ?? 0];
      table[index] = before[row] === after[column] ? both + 1 : Math.max(below, right);
    }
  }
  return table;
}

/** The changed lines with their surroundings, under `@@` headers as `diff -u` has them; empty when nothing differs. */
export function hunks(lines: readonly Line[], context = 3): string[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - context), index + context + 1).some(({ mark }) => mark !== " "));
  const out: string[] = [];
  let [old, fresh] = [1, 1];
  for (let index = 0; index < lines.length; index++) {
    if (near[index] && !near[index - 1]) {
      const rest = near.indexOf(false, index);
      const hunk = lines.slice(index, rest < 0 ? lines.length : rest);
      const count = (mark: string) => hunk.filter((one) => one.mark === " " || one.mark === mark).length;
      out.push(`@@ -${old},${count("-")} +${fresh},${count("+")} @@`);
    }
    const { mark, text } = lines[index] as Line;
    if (near[index]) out.push(`${mark}${text}`);
    if (mark !== "+") old++;
    if (mark !== "-") fresh++;
  }
  return out;
}
