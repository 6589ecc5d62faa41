import type { PolicyStatement } from '../aws.ts';
import type { LocalRole } from '../iam/access-control.ts';

/** A Lambda function of the stack, as much of it as running it here needs. */
export interface LocalFunction {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Absolute path of the asset folder, i.e. what `/var/task` is on AWS. */
  readonly codeDir: string;
  /** Whether it is Remotion's own function; `codeDir` is then its zip file. */
  readonly isRemotions: boolean;
  readonly handler: string;
  readonly runtime: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutInSeconds: number;
  readonly memorySizeInMb: number;
  readonly diskSizeInMb: number;
  /** `arm64` or `x86_64`. */
  readonly architecture: string;
  /** ARNs with their versions. */
  readonly layers: readonly string[];
  /** When its runtime gets a new version: `Manual`, `FunctionUpdate`; Lambda's default is `Auto`. */
  readonly updateRuntimeOn?: string;
  /** Invocations at once, where the template limits them. */
  readonly reservedConcurrentExecutions?: number;
  /** Of asynchronous invocations, from 0 to 2; Lambda's default is 2. */
  readonly maximumRetryAttempts: number;
  /** Of asynchronous invocations, from 60 to 21,600 seconds; Lambda's default is 21,600. */
  readonly maximumEventAgeInSeconds: number;
  /** Its on-failure destination. */
  readonly onFailureQueueArn?: string;
  readonly deadLetterQueueArn?: string;
}

/** A state machine of the stack. */
export interface LocalStateMachine {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Of the customer's key that its executions are encrypted with. */
  readonly keyArn?: string;
  /** Amazon States Language (JSON text), its substitutions applied. */
  readonly definition: string;
}

/** A bucket of the stack. */
export interface LocalBucket {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Read from the template, but objects have no versions here. */
  readonly versioned: boolean;
  /** False where object ownership is enforced (the default): S3 then refuses requests that set an ACL. */
  readonly acceptsAcls: boolean;
  /** Which public access is blocked; all of it where the template says nothing, as S3 does. */
  readonly publicAccessBlock: PublicAccessBlock;
  /** Its default encryption is with this key; undefined for S3's own. */
  readonly keyArn?: string;
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export interface PublicAccessBlock {
  /** Requests that set a public ACL are refused. */
  readonly blockPublicAcls: boolean;
  /** A policy that is public is refused. */
  readonly blockPublicPolicy: boolean;
  /** A policy that is public lets nobody from outside of the account in. */
  readonly restrictPublicBuckets: boolean;
}

/** A CloudFront distribution of the stack: of one bucket. */
export interface LocalDistribution {
  readonly id: string;
  readonly arn: string;
  readonly domainName: string;
  readonly bucketName: string;
  /** What is put before the paths of requests, e.g. `/sites`. */
  readonly originPath: string;
}

/** A resource that a function of the stack makes. */
export interface LocalCustomResource {
  readonly logicalId: string;
  readonly type: string;
  readonly functionName: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A queue of the stack. */
export interface LocalQueue {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Seconds for which a received message is hidden from others; SQS's default is 30. */
  readonly visibilityTimeoutInSeconds: number;
  /** Where a message goes that was received this often without being deleted. */
  readonly redrive?: { readonly deadLetterQueueArn: string; readonly maximumReceiveCount: number };
}

/** A pipe of the stack, from a queue to a state machine, one message at a time. */
export interface LocalPipe {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly queueArn: string;
  readonly stateMachineArn: string;
  /** What the target gets of a message; the whole record if absent. */
  readonly inputTemplate?: string;
}

/** A method of a REST API, authorized by IAM and integrated with an action of an AWS service. */
export interface LocalApiMethod {
  readonly httpMethod: string;
  /** Path of its resource, e.g. `/renders/{name}`. */
  readonly path: string;
  /** Whether the API refuses a body that is no JSON object. */
  readonly takesObject: boolean;
  /** The role with which API Gateway calls the service. */
  readonly roleArn: string;
  /** E.g. `states`. */
  readonly service: string;
  /** E.g. `StartExecution`. */
  readonly action: string;
  /** Mapping template that makes the service's input of a request. */
  readonly requestTemplate: string;
  /** Status of the answer, by a pattern of the service's status; the one without a pattern is the default. */
  readonly responses: readonly { readonly status: number; readonly selectionPattern?: string }[];
}

/** A REST API of the stack, with its one stage. */
export interface LocalRestApi {
  readonly id: string;
  readonly stage: string;
  readonly methods: readonly LocalApiMethod[];
}

/** Where a rule sends its events. */
export interface LocalRuleTarget {
  readonly id: string;
  readonly arn: string;
  /** The role that EventBridge assumes to call the target; without one it calls as itself. */
  readonly roleArn?: string;
  readonly deadLetterQueueArn?: string;
  /** 0–185; EventBridge's default is 185. */
  readonly maximumRetryAttempts: number;
  /** 60–86,400 seconds; EventBridge's default is 86,400. */
  readonly maximumEventAgeInSeconds: number;
  /** Constant JSON text that the target gets in place of the event. */
  readonly input?: string;
  /** Path of the part of the event that the target gets, e.g. `$.detail`. */
  readonly inputPath?: string;
}

/** An EventBridge rule of the stack. */
export interface LocalEventRule {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  /** Absent where the rule has a schedule alone. */
  readonly eventPattern?: Readonly<Record<string, unknown>>;
  /** E.g. `rate(1 minute)`. */
  readonly schedule?: string;
  readonly enabled: boolean;
  readonly targets: readonly LocalRuleTarget[];
}

/** A synthesized stack with all references resolved, ready to run on one machine. */
export interface LocalStack {
  readonly name: string;
  readonly functions: readonly LocalFunction[];
  readonly roles: readonly LocalRole[];
  readonly stateMachines: readonly LocalStateMachine[];
  readonly buckets: readonly LocalBucket[];
  readonly queues: readonly LocalQueue[];
  readonly pipes: readonly LocalPipe[];
  readonly restApis: readonly LocalRestApi[];
  /** Names of the stack's own buses. The `default` bus exists besides. */
  readonly eventBuses: readonly string[];
  readonly eventRules: readonly LocalEventRule[];
  readonly distributions: readonly LocalDistribution[];
  /** In the order of the template. */
  readonly customResources: readonly LocalCustomResource[];
  /** Policies of buckets, queues and functions, by the ARN of what they are attached to. */
  readonly resourcePolicies: Readonly<Record<string, readonly PolicyStatement[]>>;
  /** The stack's outputs, by their logical ids. */
  readonly outputs: Readonly<Record<string, string>>;
}
