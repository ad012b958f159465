import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { ec2 as say } from "../messages/ec2.ts";

/** The parts of the SDK that are used, loaded when a command needs them: together they take half a second. */
async function load() {
  // Of a version whose engines include Node 20 it says that later ones will not.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const [cloudFormation, ec2, ssm] = await Promise.all([
    import("@aws-sdk/client-cloudformation"),
    import("@aws-sdk/client-ec2"),
    import("@aws-sdk/client-ssm"),
  ]);
  return { cloudFormation, ec2, ssm };
}

type Modules = Awaited<ReturnType<typeof load>>;

/** How often a throttled or failed request is sent, with growing pauses: about a minute in all. `$AWS_MAX_ATTEMPTS` names another number. */
const ATTEMPTS = 8;

/** A call of the SDK that has failed. Its name is AWS' error code. */
interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly Code?: string;
  readonly code?: string;
}

/** A table of what AWS answers, and what to do about it. The first that fits is taken. */
const KNOWN: readonly (readonly [RegExp, (what: { readonly message: string; readonly region: string }) => readonly [string, string]])[] = [
  [/^(CredentialsProviderError|NoCredentials)/, () => [say.noCredentials, say.noCredentialsAdvice]],
  [/^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired)/, () => [say.expired, say.expiredAdvice]],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException)/,
    ({ region }) => [say.wrongKeys(region), say.wrongKeysAdvice],
  ],
  [/^(OptInRequired|Blocked|PendingVerification|SubscriptionRequired)/, ({ region }) => [say.notActivated(region), say.notActivatedAdvice]],
  [
    /^(AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError)/,
    ({ message }) => [say.denied(rightIn(message)), say.deniedAdvice],
  ],
  [/^(Throttling(Exception)?|RequestLimitExceeded|TooManyRequestsException)/, () => [say.throttled, say.throttledAdvice]],
  [
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|NetworkingError|UnknownEndpoint)/,
    ({ region }) => [say.unreachable(region), say.unreachableAdvice],
  ],
];

/** The right that is missing, from AWS' message: `ec2:RunInstances`. */
function rightIn(message: string): string {
  return (
    /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? message.replace(/\s*Encoded authorization failure message:.*/s, "")
  );
}

const codesOf = ({ name = "", Code = "", code = "" }: Failure): string[] => [code, Code, name].filter(Boolean);

/** Whether an error has one of these codes of AWS. */
export const hasCode = (error: unknown, pattern: RegExp): boolean => codesOf(error as Failure).some((code) => pattern.test(code));

/** An error of AWS as a message. Others stay what they are. */
function translated(error: unknown, region: string, signal: AbortSignal): unknown {
  if (error instanceof ClusterError || error instanceof Interrupted) return error;
  if (signal.aborted || (error as Failure).name === "AbortError") return new Interrupted();
  const { message = "" } = error as Failure;
  const known = KNOWN.find(([pattern]) => hasCode(error, pattern));
  if (known) return new ClusterError(...known[1]({ message, region }));
  const [code = "Error"] = codesOf(error as Failure).slice(-1);
  return "$metadata" in (error as object) ? new ClusterError(say.awsSays(code, message)) : error;
}

/** The clients of one region. Every request ends with Ctrl-C, and fails with a message. */
export class Aws {
  private constructor(
    readonly modules: Modules,
    readonly region: string,
    readonly signal: AbortSignal,
    private readonly clients: { readonly cloudFormation: CloudFormationClient; readonly ec2: EC2Client; readonly ssm: SSMClient },
  ) {}

  /** Credentials come from where the AWS CLI has them: variables, ~/.aws, SSO, an instance's role. */
  static async in(region: string, signal: AbortSignal, env: Readonly<Record<string, string | undefined>>): Promise<Aws> {
    const modules = await load();
    const settings = { region, maxAttempts: Number(env.AWS_MAX_ATTEMPTS) || ATTEMPTS };
    return new Aws(modules, region, signal, {
      cloudFormation: new modules.cloudFormation.CloudFormationClient(settings),
      ec2: new modules.ec2.EC2Client(settings),
      ssm: new modules.ssm.SSMClient(settings),
    });
  }

  /**
   * Sends a request. @param make the command, from its client's module
   * @throws ClusterError for what AWS refuses, unless `passes` says that the caller handles it; Interrupted
   */
  private async send<T>(request: () => Promise<T>, passes?: RegExp): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (passes && hasCode(error, passes)) throw error;
      throw translated(error, this.region, this.signal);
    }
  }

  /** A request to CloudFormation. @param passes codes of errors that the caller handles */
  cloudFormation<T>(
    request: (client: CloudFormationClient, module: Modules["cloudFormation"], abort: Abort) => Promise<T>,
    passes?: RegExp,
  ) {
    return this.send(() => request(this.clients.cloudFormation, this.modules.cloudFormation, { abortSignal: this.signal }), passes);
  }
  /** A request to EC2. */
  ec2<T>(request: (client: EC2Client, module: Modules["ec2"], abort: Abort) => Promise<T>, passes?: RegExp) {
    return this.send(() => request(this.clients.ec2, this.modules.ec2, { abortSignal: this.signal }), passes);
  }
  /** A request to Systems Manager. */
  ssm<T>(request: (client: SSMClient, module: Modules["ssm"], abort: Abort) => Promise<T>, passes?: RegExp) {
    return this.send(() => request(this.clients.ssm, this.modules.ssm, { abortSignal: this.signal }), passes);
  }
}

type Abort = { readonly abortSignal: AbortSignal };
