/** A program built from Go modules. */
export interface GoProgram {
  readonly kind: "go";
  /** Folder of its go.mod and go.sum, and of its sources where it is our own. @default tools/go/NAME */
  readonly folder?: string;
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

/** Every program that a check of this repository builds or installs. Versions are in the named folders alone. */
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
  pebble: {
    kind: "go",
    commands: Object.fromEntries(["pebble", "pebble-challtestsrv"].map((name) => [name, `github.com/letsencrypt/pebble/v2/cmd/${name}`])),
  },
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
  // One binary: it acts by ARGOCD_BINARY_NAME.
  "argo-cd": { kind: "go", commands: { argocd: "github.com/argoproj/argo-cd/v2/cmd" } },
  "kustomize-controller": { kind: "go", commands: { "kustomize-controller": "github.com/fluxcd/kustomize-controller" } },
  // Nodes and pods without machines, for the real control plane.
  kwok: { kind: "go", commands: { kwok: "sigs.k8s.io/kwok/cmd/kwok" } },
  // What an autoscaler reads.
  "metrics-server": { kind: "go", commands: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" } },
  // A real S3 server, and age's own program: the other sides of backups.
  versitygw: { kind: "go", commands: { versitygw: "github.com/versity/versitygw/cmd/versitygw" } },
  age: { kind: "go", commands: { age: "filippo.io/age/cmd/age", "age-keygen": "filippo.io/age/cmd/age-keygen" } },
  // Encrypts Secrets for a repository, with age among others.
  sops: { kind: "go", commands: { sops: "github.com/getsops/sops/v3/cmd/sops" } },
  // What runs beside applications, as its image has it.
  helper: { kind: "go", folder: "helper", commands: { "cloudnova-helper": "." } },
  // moto answers as AWS does; it needs cfn-lint, which checks templates of CloudFormation.
  aws: { kind: "python", commands: ["moto_server", "cfn-lint"] },
  checkov: { kind: "python", commands: ["checkov"] },
  hadolint: { kind: "python", commands: ["hadolint"] },
  "kubernetes-validate": { kind: "python", commands: ["kubernetes-validate"] },
  sslyze: { kind: "python", commands: ["sslyze"] },
  traefik: { kind: "python", commands: ["traefik"] },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;
