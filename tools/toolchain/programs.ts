/** A program built from Go modules: `tools/go/<name>` holds its go.mod and go.sum. */
export interface GoProgram {
  readonly kind: "go";
  /** Commands that the module offers, each with the package it is built from. */
  readonly commands: Readonly<Record<string, string>>;
  /** Commands built when the caller names none. @default all of them */
  readonly usual?: readonly string[];
  /**
   * Module whose version (read in go.mod) is stamped into `<package>.gitVersion` of the packages named.
   * Without it Kubernetes calls itself v0.0.0-master and refuses what depends on its version.
   */
  readonly stamp?: { readonly module: string; readonly packages: readonly string[] };
}

/** A program installed from Python wheels: `tools/python/<name>` holds its hash-locked requirements. */
interface PythonProgram {
  readonly kind: "python";
  /** Commands that callers run; their presence proves the installation. */
  readonly commands: readonly string[];
}

export type Program = GoProgram | PythonProgram;

const kubernetes = (command: string) => [command, `k8s.io/kubernetes/cmd/${command}`] as const;

/** Every third-party program that a check of this repository runs. Versions are in the named folders alone. */
export const programs = {
  kubernetes: {
    kind: "go",
    commands: Object.fromEntries(
      ["kube-apiserver", "kubectl", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubeadm"].map(kubernetes),
    ),
    usual: ["kube-apiserver", "kubectl"],
    stamp: { module: "k8s.io/kubernetes", packages: ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] },
  },
  etcd: { kind: "go", commands: { etcd: "go.etcd.io/etcd/server/v3" } },
  "kube-score": { kind: "go", commands: { "kube-score": "github.com/zegl/kube-score/cmd/kube-score" } },
  kubeconform: { kind: "go", commands: { kubeconform: "github.com/yannh/kubeconform/cmd/kubeconform" } },
  actionlint: { kind: "go", commands: { actionlint: "github.com/rhysd/actionlint/cmd/actionlint" } },
  "pod-security": { kind: "go", commands: { "pod-security": "." } },
  "compose-config": { kind: "go", commands: { "compose-config": "." } },
  helm: { kind: "go", commands: { helm: "helm.sh/helm/v3/cmd/helm" } },
  coredns: { kind: "go", commands: { coredns: "github.com/coredns/coredns" } },
  "local-path-provisioner": { kind: "go", commands: { "local-path-provisioner": "github.com/rancher/local-path-provisioner" } },
  kind: { kind: "go", commands: { kind: "sigs.k8s.io/kind" } },
  crictl: { kind: "go", commands: { crictl: "sigs.k8s.io/cri-tools/cmd/crictl" } },
  containerd: {
    kind: "go",
    commands: Object.fromEntries(
      ["containerd", "ctr", "containerd-shim-runc-v2"].map((name) => [name, `github.com/containerd/containerd/v2/cmd/${name}`]),
    ),
  },
  "kube-router": { kind: "go", commands: { "kube-router": "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router" } },
  // Python with the web app's own version of cryptography: what the bootstrap Job's script runs on.
  bootstrap: { kind: "python", commands: ["python"] },
  checkov: { kind: "python", commands: ["checkov"] },
  hadolint: { kind: "python", commands: ["hadolint"] },
  "kubernetes-validate": { kind: "python", commands: ["kubernetes-validate"] },
  traefik: { kind: "python", commands: ["traefik"] },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;
