import { stringify } from "yaml";
import { DIFFERENCES } from "./environment.ts";

/** What of the page tells what ran in the place of a cloud's parts. */
export function standIns(): string {
  const keys = DIFFERENCES.filter(([path]) => path[0] !== "images").map(([path, value]) => {
    const text = stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
    return `\`${path.join(".")}: ${text}\``;
  });
  return `## What stands in for what

| of a cloud | here |
|---|---|
| three machines in three zones | three nodes of kind on one machine, labelled with zones a, b and c; each offers its pods what a t3.medium does, and the kernel limits none |
| a control plane of the provider's | on the first node, which takes pods as well |
| RDS | a real mysqld in a container of its own beside the nodes, with TLS alone; its name is found by the cluster's DNS |
| a load balancer (NLB) | HAProxy in a container of its own, which asks each node's health port every 10 s, and takes two failures for ill |
| EBS | local volumes, each bound to its node |
| the network of pods | one range for each node with routes between them, and kube-router for the policies |
| metrics-server, an add-on | metrics-server built from its Go module, with its own manifests and \`--kubelet-insecure-tls\` |
| a metrics service | a real Prometheus in a container of its own, with TLS and a password |

\`environments/eks.yaml\` is deployed with the images of \`environments/stand-ins.yaml\` and these keys changed: ${keys.join(", ")}.

## Not in it

- A promise that no drain loses a request. A run of commit 87a0e87 lost 1 of 819 while a worker was drained: MySQL did not answer within the
  second that the application waits, on two processors that other runs used as well. The log of that run does not
  say whether it was a new connection or a statement: the driver's message is the same for both. The application's log says it now. A
  statement is likelier:
  a pod opens all of its connections before it is ready, and in a later drain five INSERTs, and no other statement, took more than 0.1 s in the
  server itself, 0.4 s at most: their commit waits for the disk that everything here shares.
- EKS, RDS, NLB and EBS themselves. The fail-over is a crash of the one server and its start; no second server takes over.
- The loss of the control plane, and of the node that has Prometheus' volume: a local volume is lost with its node.
`;
}
