import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import textFiles from "../../text-files.json" with { type: "json" };
import { readManifests } from "../common/manifests.ts";
import { output } from "../common/run.ts";
import { type Contestant, measure, median, perObject, type Samples } from "./measure.ts";
import { helmTemplate, kustomize, sameOutput, writeChart } from "./rivals.ts";

/** Objects that are added to the real stack, up to about 2,000 in all. */
const MORE = [0, 500, 1000, 1950] as const;

/** The times of every contestant at one size. */
export interface Size {
  readonly objects: number;
  readonly samples: ReadonlyMap<string, Samples>;
}

/** Where the programs are. */
export interface Programs {
  readonly kubectl: string;
  readonly helm: string;
}

/**
 * Bundles the variant of synth that can add objects, with the options of the real one's bundle.
 *
 * @returns path of the bundle
 */
export async function bundleMany(root: string, folder: string): Promise<string> {
  const outfile = join(folder, "many.cjs");
  const loaders = textFiles.map((ending) => `--loader:.${ending}=text`);
  const options = ["--bundle", "--platform=node", "--target=node20", "--format=cjs", "--minify", "--keep-names", "--log-level=warning"];
  const args = ["tools/bench/many.ts", ...options, ...loaders, `--outfile=${outfile}`];
  await output(join(root, "node_modules", ".bin", "esbuild"), args, { cwd: root });
  return outfile;
}

/** Measures all three at every size. */
export async function measureGrowth(many: string, environment: string, programs: Programs, folder: string, runs: number): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const more of MORE) {
    const place = join(folder, `more-${more}`);
    await mkdir(place);
    const ours: Contestant = { name: "our synth", command: process.execPath, args: [many, environment, `${more}`, place] };
    await output(ours.command, ours.args);
    const made = join(place, "out");
    const chart = join(place, "chart");
    await writeChart(chart, made);
    const rivals = [kustomize(programs.kubectl, made), helmTemplate(programs.helm, chart)];
    for (const rival of rivals) await sameOutput(rival, made);
    sizes.push({ objects: readManifests(made).length, samples: measure([ours, ...rivals], runs) });
  }
  return sizes;
}

/** The table's rows, header first: median at each size, then what each object more costs from one size to the next. */
export function growthRows(sizes: readonly Size[]): string[][] {
  const names = [...(sizes[0]?.samples.keys() ?? [])];
  const point = ({ objects, samples }: Size, name: string) => ({ objects, ms: median(samples.get(name) ?? []) });
  const steps = sizes.slice(1).map((to, index) => [sizes[index] as Size, to] as const);
  return [
    [
      "median, ms",
      ...sizes.map(({ objects }) => `${objects} objects`),
      ...steps.map(([from, to]) => `each more, ${from.objects} to ${to.objects}`),
    ],
    ...names.map((name) => [
      name,
      ...sizes.map((size) => point(size, name).ms.toFixed(0)),
      ...steps.map(([from, to]) => perObject(point(from, name), point(to, name)).toFixed(2)),
    ]),
  ];
}
