import { podObject } from "../../src/drill/drill-pods.ts";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { type KubeObject, type Manifest, nameOf, parseManifests } from "../../tools/common/manifests.ts";
import { applyAll } from "../../tools/validate/apply-twice.ts";
import { systemNamespaces } from "../../tools/validate/crds.ts";
import { createDefaultAccounts, podOf } from "../../tools/validate/pods.ts";
import { EVERYTHING } from "../everything.ts";
import { synthesiseText } from "../manifests.ts";

/**
 * What a real API server lets each service account do, compared with one table. A right is one verb on one resource of one API group, with
 * the object's name where the rule has one: `get /secrets mysql-accounts`, `list discovery.k8s.io/endpointslices`.
 */
jest.setTimeout(15 * 60_000); // the first run of a machine builds kube-apiserver

const reads = (...resources: string[]) => resources.flatMap((one) => ["get", "list", "watch"].map((verb) => `${verb} ${one}`));
const gets = (...secrets: string[]) => secrets.map((name) => `get /secrets ${name}`);
const changes = (...secrets: string[]) => secrets.flatMap((name) => [`get /secrets ${name}`, `patch /secrets ${name}`]);
/** The API cannot tie `create` to a name. */
const makes = (...secrets: string[]) => ["create /secrets", ...changes(...secrets)];

const MADE = ["certificate-authority", "grafana", "grafana-key", "mysql-accounts", "mysql-certificate", "webapp"];
const BACKED_UP = [...MADE, "alerting", "mysql-applications"];
const SHOP = ["shop-database", "shop-secrets"];
const ROUTES = [
  ...reads("/secrets", "/services", "discovery.k8s.io/endpointslices", "networking.k8s.io/ingresses"),
  "update networking.k8s.io/ingresses/status",
];
const NODES = [...reads("/nodes"), "get /nodes/metrics"];

/** A place in the table: bound for the whole cluster. */
const CLUSTER = "the cluster";
/** Every account, `namespace/name`, and what it may do where. All else must be refused. */
const TABLE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "cloudnova/bootstrap": {
    cloudnova: makes(...MADE, "backup-database", "backup-key", "mysql-applications"),
    "cloudnova-shop": makes(...SHOP, "backup-key"),
  },
  "cloudnova/backup": { cloudnova: gets(...BACKED_UP, "webapp-certificate") },
  "cloudnova/backup-restore": { cloudnova: makes(...BACKED_UP, "webapp-certificate") },
  "cloudnova/prometheus": { [CLUSTER]: NODES, cloudnova: reads("/pods"), "cloudnova-shop": reads("/pods") },
  "cloudnova/traefik": {
    [CLUSTER]: reads("/nodes", "networking.k8s.io/ingressclasses"),
    cloudnova: ROUTES,
    "cloudnova-shop": ROUTES,
    "cloudnova-legacy": ROUTES,
  },
  "cloudnova-shop/backup": { "cloudnova-shop": gets(...SHOP, "shop-key") },
  "cloudnova-shop/backup-restore": { "cloudnova-shop": makes(...SHOP, "shop-key") },
  "second/bootstrap": {
    second: makes(...MADE, "backup-database", "backup-key", "mysql-applications"),
    "second-files": makes("files-database", "backup-key"),
  },
  "second/backup": { second: gets(...BACKED_UP, "ingress-certificate") },
  "second/backup-restore": { second: makes(...BACKED_UP, "ingress-certificate") },
  "second/prometheus": { [CLUSTER]: NODES, second: reads("/pods"), "second-files": reads("/pods"), "kube-system": reads("/pods") },
  "second-files/backup": {},
  "second-files/backup-restore": {},
  // The accounts of pods that have none of their own.
  "cloudnova/default": {},
  "cloudnova-host/default": {},
  "cloudnova-legacy/default": {},
  "cloudnova-shop/default": {},
  "second/default": {},
  "second-files/default": {},
  "second-host/default": {},
};

/** What Kubernetes gives to every account: to ask who it is and what it may do, and to read what the API consists of. */
const EVERYONE = [
  "create authentication.k8s.io/selfsubjectreviews",
  "create authorization.k8s.io/selfsubjectaccessreviews",
  "create authorization.k8s.io/selfsubjectrulesreviews",
];
const URLS = [
  ...["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"],
  ...["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/healthz", "/livez", "/readyz", "/version", "/version/"],
];

/** What would be the whole cluster, whatever else an account may do: beside what the discovery lists. */
const DANGEROUS = [
  ...["metrics", "stats", "log", "spec", "configz", "healthz", "pods", "checkpoint"].map((name) => `get /nodes/${name}`),
  ...["get", "create"].flatMap((verb) => ["nodes", "pods", "services"].map((name) => `${verb} /${name}/proxy`)),
  ...["roles", "clusterroles"].flatMap((name) => ["escalate", "bind"].map((verb) => `${verb} rbac.authorization.k8s.io/${name}`)),
  ...["users", "groups", "serviceaccounts"].map((name) => `impersonate /${name}`),
  ...["uids", "userextras/scopes"].map((name) => `impersonate authentication.k8s.io/${name}`),
  ...["approve", "sign", "attest"].map((verb) => `${verb} certificates.k8s.io/signers`),
  "* */*",
];
const SECRET_PATHS = ["/metrics", "/logs", "/debug/pprof", "/configz", "/flagz", "/statusz", "/debug/flags/v"];
/** Whoever may create one of these starts programs, or enters one that runs. */
const STARTS = [
  "/pods",
  "/pods/exec",
  "/pods/attach",
  "/pods/portforward",
  "/pods/ephemeralcontainers",
  "/replicationcontrollers",
  "/serviceaccounts/token",
  ...["deployments", "statefulsets", "daemonsets", "replicasets"].map((name) => `apps/${name}`),
  ...["jobs", "cronjobs"].map((name) => `batch/${name}`),
];

const manifests: Manifest[] = Object.values(EVERYTHING).flatMap((text) =>
  [...synthesiseText(text).files].filter(([file]) => file.endsWith(".yaml")).flatMap(([file, content]) => parseManifests(file, content)),
);
const ofKind = (kind: string) => manifests.filter(({ object }) => object.kind === kind).map(({ object }) => object);
const OTHERS = ["default", "kube-system"];
const PLACES = [...ofKind("Namespace").map(({ metadata }) => metadata.name), ...OTHERS];
const ACCOUNTS = Object.keys(TABLE);
const allowedBy = (account: string, place: string): string[] => [
  ...new Set([...(TABLE[account]?.[CLUSTER] ?? []), ...(TABLE[account]?.[place] ?? [])]),
];

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
  await systemNamespaces(server.client);
  const admission = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
  const kinds = ["Namespace", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", ...admission];
  const rights = manifests.filter(({ object }) => kinds.includes(object.kind));
  expect((await applyAll(server.client, rights, "applied")).problems).toEqual([]);
  await createDefaultAccounts(server.client, manifests);
});
afterAll(() => server?.stop());

/** Works on each item, 32 at a time. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: 32 }, lane));
  return results;
}

/** What is right but not found, and what is found but not right. */
const difference = (right: readonly string[], found: readonly string[]) => ({
  more: found.filter((one) => !right.includes(one)).sort(),
  less: right.filter((one) => !found.includes(one)).sort(),
});
const NONE = { more: [], less: [] };

test("every account of the manifests is in the table, and the default one of every namespace", () => {
  const own = ofKind("ServiceAccount").map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const defaults = ofKind("Namespace").map(({ metadata }) => `${metadata.name}/default`);
  expect([...ACCOUNTS].sort()).toEqual([...own, ...defaults].sort());
});

/** All rules that hold for a token in a namespace, by the server's own list of them. */
async function rulesOf(account: string, places: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const [namespace = "", name = ""] = account.split("/");
  const client = server.clientFor(await server.serviceAccountToken(namespace, name));
  try {
    const lists = await each(places, async (place) => {
      const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
      const { status, body } = await client.call("POST", path, { spec: { namespace: place } });
      expect([status, body.status?.incomplete]).toEqual([201, false]);
      const rights = [
        ...body.status.resourceRules.flatMap(({ verbs, apiGroups, resources, resourceNames = [""] }: Record<string, string[]>) =>
          (verbs ?? []).flatMap((verb) =>
            (apiGroups ?? []).flatMap((group) =>
              (resources ?? []).flatMap((resource) => resourceNames.map((one) => `${verb} ${group}/${resource} ${one}`.trim())),
            ),
          ),
        ),
        ...body.status.nonResourceRules.flatMap(({ verbs, nonResourceURLs }: Record<string, string[]>) =>
          (verbs ?? []).flatMap((verb) => (nonResourceURLs ?? []).map((url) => `${verb} ${url}`)),
        ),
      ];
      return [place, [...new Set<string>(rights)]] as const;
    });
    return Object.fromEntries(lists);
  } finally {
    client.close();
  }
}

test.each(ACCOUNTS)("%s: the rules that the server lists for its token are those of the table, in every namespace", async (account) => {
  const common = [...EVERYONE, ...URLS.map((url) => `get ${url}`)];
  for (const [place, found] of Object.entries(await rulesOf(account, PLACES)))
    expect([place, difference([...common, ...allowedBy(account, place)], found)]).toEqual([place, NONE]);
});

test("Secrets of another namespace are read by bootstrap, by their names, and by Traefik, which watches where it routes; by no other", () => {
  const readers = ACCOUNTS.flatMap((account) =>
    PLACES.filter((place) => place !== account.split("/")[0]).flatMap((place) => {
      const reading = allowedBy(account, place).filter((right) => /^(get|list|watch|\*) (\/|\*\/)(secrets|\*)/.test(right));
      return reading.length === 0 ? [] : [`${account} in ${place}: ${reading.every((right) => right.split(" ")[2]) ? "by name" : "all"}`];
    }),
  );
  expect(readers).toEqual([
    "cloudnova/bootstrap in cloudnova-shop: by name",
    "cloudnova/traefik in cloudnova-shop: all",
    "cloudnova/traefik in cloudnova-legacy: all",
    "second/bootstrap in second-files: by name",
  ]);
});

/** What the server answers to an account that creates a Secret: "201", or the status and its words. */
async function createSecret(account: string, place: string, type: string, annotations: Record<string, string>): Promise<string> {
  const [namespace = "", name = ""] = account.split("/");
  const client = server.clientFor(await server.serviceAccountToken(namespace, name));
  try {
    const metadata = { generateName: "made-", annotations };
    const { status, body } = await client.call("POST", `/api/v1/namespaces/${place}/secrets`, { metadata, type });
    return status === 201 ? "201" : `${status} ${body.message}`;
  } finally {
    client.close();
  }
}

const MAKERS = ACCOUNTS.flatMap((account) =>
  PLACES.filter((place) => allowedBy(account, place).includes("create /secrets")).map((place) => [account, place] as const),
);

test.each(MAKERS)("%s may create Secrets in %s, but none into which the server writes another account's token", async (account, place) => {
  const token = () =>
    createSecret(account, place, "kubernetes.io/service-account-token", { "kubernetes.io/service-account.name": "default" });
  expect(await createSecret(account, place, "Opaque", {})).toBe("201");
  // The API server enforces a policy some moments after it was created.
  const deadline = Date.now() + 20_000;
  while ((await token()) === "201" && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await token()).toMatch(/^(403|422) .*service-account-token/);
});

describe("each request by itself, as the server would decide it", () => {
  interface Question {
    readonly account: string;
    /** A namespace, also that from which a resource of the cluster is asked for. */
    readonly place: string;
    readonly right: string;
  }

  /** Every verb on every resource and subresource that the server has. */
  async function discovered(): Promise<string[]> {
    const { groups } = (await server.client.call("GET", "/apis")).body;
    const versions = groups.map(({ preferredVersion }: { preferredVersion: { groupVersion: string } }) => preferredVersion.groupVersion);
    const lists = await each(["/api/v1", ...versions.map((one: string) => `/apis/${one}`)], (path) => server.client.call("GET", path));
    return lists.flatMap(({ body: { groupVersion, resources } }) => {
      const group = groupVersion.includes("/") ? groupVersion.split("/")[0] : "";
      return resources.flatMap(({ name, verbs }: { name: string; verbs: string[] }) => verbs.map((verb) => `${verb} ${group}/${name}`));
    });
  }

  /** Whether the API server would let the account do it. */
  async function allowed({ account, place, right }: Question): Promise<boolean> {
    const [verb, what = "", name] = right.split(" ");
    const [namespace = "", user = ""] = account.split("/");
    const [group, resource, subresource] = what.split("/");
    const spec = {
      user: `system:serviceaccount:${namespace}:${user}`,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
      ...(SECRET_PATHS.includes(what)
        ? { nonResourceAttributes: { verb, path: what } }
        : { resourceAttributes: { verb, group, resource, subresource, name, namespace: place } }),
    };
    const { status, body } = await server.client.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", { spec });
    expect(status).toBe(201);
    return body.status.allowed;
  }

  const said = ({ account, place, right }: Question) => `${account} in ${place}: ${right}`;
  const named = ({ right }: Question) => right.split(" ")[2];
  /** The answer of the table: a right on all objects of a kind is one on each. */
  const inTable = ({ account, place, right }: Question) =>
    [...EVERYONE, ...allowedBy(account, place)].some((one) => one === right || `${one} ${right.split(" ")[2]}` === right);
  /** What differs between the server's answers and the table's. */
  async function differing(questions: readonly Question[]): Promise<ReturnType<typeof difference>> {
    const answers = await each(questions, allowed);
    return difference(questions.filter(inTable).map(said), questions.filter((_, index) => answers[index]).map(said));
  }
  // The namespaces' default accounts have the same groups and no binding: one stands for all of them.
  const asked = ACCOUNTS.filter((account) => !account.endsWith("/default") || account === "cloudnova/default");
  /** The rights of each account in its own namespace, where what is bound for the whole cluster holds too. */
  const atHome = (rights: readonly string[]): Question[] =>
    asked.flatMap((account) => rights.map((right) => ({ account, place: account.split("/")[0] as string, right })));

  test("every verb on every resource and subresource that the server has", async () => {
    const rights = await discovered();
    expect(rights).toEqual(expect.arrayContaining(["create /pods/exec", "create /serviceaccounts/token", "patch apps/deployments/scale"]));
    expect(await differing(atHome(rights))).toEqual(NONE);
  });

  test("every Secret by its name, in every namespace", async () => {
    const rights = Object.values(TABLE).flatMap((row) => Object.values(row).flat());
    const names = new Set([...rights.flatMap((right) => right.split(" ")[2] ?? []), "another"]);
    const questions = [...names].flatMap((name) =>
      asked.flatMap((account) => PLACES.map((place) => ({ account, place, right: `get /secrets ${name}` }))),
    );
    expect(questions.filter(inTable).map(named)).toContain("another"); // Traefik's
    expect(await differing(questions)).toEqual(NONE);
  });

  test("what would give an account the cluster: the nodes' own interfaces, roles, impersonation, paths of the server itself", async () => {
    const questions = atHome([...DANGEROUS, ...SECRET_PATHS.map((path) => `get ${path}`)]);
    expect(questions.filter(inTable).map(said)).toEqual([
      "cloudnova/prometheus in cloudnova: get /nodes/metrics",
      "second/prometheus in second: get /nodes/metrics",
    ]);
    expect(await differing(questions)).toEqual(NONE);
  });

  test("no account starts a program or enters one", async () => {
    const questions = atHome(["create", "update", "patch"].flatMap((verb) => STARTS.map((what) => `${verb} ${what}`)));
    expect(questions.filter(inTable)).toEqual([]);
    expect(await differing(questions)).toEqual(NONE);
  });
});

describe("a token in a pod", () => {
  /** Whether a pod as the API server's admission leaves it has a token, of whichever kind. */
  const hasToken = (pod: KubeObject): boolean =>
    (pod.spec as { volumes?: { projected?: { sources: object[] } }[] }).volumes?.some(({ projected }) =>
      projected?.sources.some((source) => "serviceAccountToken" in source),
    ) ?? false;
  const admitted = async (pod: KubeObject): Promise<KubeObject> => {
    const { status, body } = await server.client.call("POST", `/api/v1/namespaces/${pod.metadata.namespace}/pods?dryRun=All`, pod);
    expect([pod.metadata.name, status, body.message]).toEqual([pod.metadata.name, 201, undefined]);
    return body;
  };

  test("is in the pods of the programs that ask the API server, and in no other, an application's or a drill's", async () => {
    const pods = manifests.flatMap(({ object }) => {
      const pod = podOf(object);
      return pod ? [{ owner: nameOf(object).replace(/-[0-9a-f]{8}$/, ""), pod }] : [];
    });
    const found = await each(pods, async ({ owner, pod }) => (hasToken(await admitted(pod)) ? [owner] : []));
    expect([...new Set(found.flat())].sort()).toEqual(
      [
        ...[
          "cloudnova-shop/backup",
          "cloudnova/backup",
          "cloudnova/bootstrap",
          "second-files/backup",
          "second/backup",
          "second/bootstrap",
        ].flatMap((name) => [`CronJob/${name}`, `Job/${name}`]),
        "Deployment/cloudnova/traefik",
        "StatefulSet/cloudnova/prometheus",
        "StatefulSet/second/prometheus",
      ].sort(),
    );
    const drill = podObject({ namespace: "cloudnova", image: "drill:1", name: "drill", part: "fault", args: [] });
    expect(hasToken(await admitted(drill as KubeObject))).toBe(false);
  });

  test("would be there without the pod's own word: the test sees one that admission adds", async () => {
    const drill = podObject({ namespace: "cloudnova", image: "drill:1", name: "drill", part: "fault", args: [] });
    const { automountServiceAccountToken, ...spec } = drill.spec;
    expect([automountServiceAccountToken, hasToken(await admitted({ ...drill, spec } as KubeObject))]).toEqual([false, true]);
  });
});
