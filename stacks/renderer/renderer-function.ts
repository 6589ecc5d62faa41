import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  Runtime,
  RuntimeFamily,
  RuntimeManagementMode,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Aws, CustomResource, Duration, RemovalPolicy, Size, Tags } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { explainGrants } from '../grants/grant-reasons.ts';
import { remotionKeyGrants } from '../grants/remotion-key-grants.ts';
import { rendererGrants } from '../grants/renderer-policy.ts';
import { acknowledgeWildcards, type StepGrant, toPolicyStatement } from '../grants/step-grant.ts';
import type { RenderStep } from '../render-step.ts';
import type { RemotionPackage } from './remotion-package.ts';
import type { NamedSize } from './renderer-size.ts';

/**
 * A start that is on its way when the function is replaced, and the time for which Lambda may keep a launch in its
 * queue that a start has sent: as long as a request waits for capacity that does not say it.
 */
const LAST_LAUNCH_IN_SECONDS = 60 + 300;

/** How long one function may wait: less than the 15 minutes that Lambda gives it. */
const LONGEST_WAIT_IN_SECONDS = 840;

/** The network that Remotion's functions are in. */
export interface RendererNetwork {
  /** From which S3, Lambda, the site and what compositions fetch have to be reached. */
  readonly vpc: IVpc;
  /** Subnets of the functions. @default - as the CDK chooses: private subnets, from which the site has to be reached */
  readonly vpcSubnets?: SubnetSelection;
  /** Security groups of the functions. @default - a new one for each function */
  readonly securityGroups?: ISecurityGroup[];
}

export interface RendererFunctionProps {
  readonly remotion: RemotionPackage;
  readonly size: NamedSize;
  readonly bucketName: string;
  /** ARNs of layers, or a token of them. */
  readonly layers: string[];
  /** What waits for the renders of a function that is replaced. */
  readonly awaitRenders: RenderStep;
  readonly logRetention: RetentionDays;
  readonly logEncryptionKey?: IKey;
  /** Key that the bucket is encrypted with. @default - one that needs no grants */
  readonly bucketKey?: IKey;
  readonly network?: RendererNetwork;
  readonly reservedConcurrentExecutions?: number;
}

/**
 * A function as Remotion's own command makes it, with a role and a log group of its own.
 * Source: https://www.remotion.dev/docs/lambda/deployfunction, and `dist/api/create-function.js` of `@remotion/lambda`
 */
export class RendererFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly functionName: string;
  /** What CloudFormation waits for before it deletes the function, the last first. */
  readonly #waits: readonly CustomResource[];

  constructor(scope: Construct, id: string, props: RendererFunctionProps) {
    super(scope, id);
    const { remotion, size, bucketName, network } = props;
    const { functionName } = size;
    this.functionName = functionName;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention,
      ...(props.logEncryptionKey && { encryptionKey: props.logEncryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const grants = [
      ...rendererGrants({ functionName, bucketName }),
      ...remotionKeyGrants('RemotionFunction', props.bucketKey, bucketName),
      ...(network ? [JOIN_NETWORK] : []),
    ];
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Execution role of ${functionName}: renders videos.`,
      inlinePolicies: { Render: new PolicyDocument({ statements: grants.map(toPolicyStatement) }) },
    });
    for (const grant of grants) acknowledgeWildcards(this.role, grant);
    explainGrants(this.role, ...grants);
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description: 'Renders a Remotion video.',
      code: Code.fromAsset(remotion.zip),
      handler: 'index.handler',
      runtime: new Runtime(remotion.runtime, RuntimeFamily.NODEJS),
      runtimeManagementMode: RuntimeManagementMode.manual(
        `arn:${Aws.PARTITION}:lambda:${Aws.REGION}::runtime:${remotion.runtimeVersion}`,
      ),
      architecture: Architecture.ARM_64,
      memorySize: size.memorySizeInMb,
      ephemeralStorageSize: Size.mebibytes(size.diskSizeInMb),
      timeout: Duration.seconds(size.timeoutInSeconds),
      role: this.role,
      logGroup,
      // A launch that is tried again would render again.
      retryAttempts: 0,
      ...network,
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
    });
    (this.function.node.defaultChild as CfnFunction).layers = props.layers;
    for (const [key, value] of Object.entries(remotionTags(remotion.version, size)))
      Tags.of(this.function).add(key, value);
    this.#waits = this.#awaitRenders(props);
  }

  /** Has something deleted with the function, and not before no render can be running on it any more. */
  keep(construct: Construct): void {
    this.#waits[0]?.node.addDependency(construct);
  }

  /**
   * CloudFormation deletes a function that has another name now after all that used it knows the new one. What it
   * deletes first is asked to wait until no render can be running on the function any more.
   */
  #awaitRenders({ size, awaitRenders }: RendererFunctionProps): CustomResource[] {
    const waits: CustomResource[] = [];
    let left = size.timeoutInSeconds + LAST_LAUNCH_IN_SECONDS;
    for (; left > 0; left -= LONGEST_WAIT_IN_SECONDS) {
      const Seconds = Math.min(left, LONGEST_WAIT_IN_SECONDS);
      const wait = new CustomResource(this, `Renders${waits.length + 1}`, {
        serviceToken: awaitRenders.function.functionArn,
        resourceType: 'Custom::RemotionFunctionInUse',
        properties: { FunctionName: size.functionName, Seconds },
      });
      wait.node.addDependency(waits.at(-1) ?? this.function);
      waits.push(wait);
    }
    return waits;
  }
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const JOIN_NETWORK: StepGrant = {
  sid: 'JoinNetwork',
  why: 'Lambda connects the function to its network. Network interfaces have no names beforehand.',
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
};

/** Spelt as Remotion spells them: its command knows its functions by them. */
function remotionTags(version: string, size: NamedSize): Record<string, string> {
  return {
    'remotion-lambda': 'true',
    'remotion-version': version,
    'remotion-memory-in-mb': String(size.memorySizeInMb),
    'remotion-timeout-in-seconds': String(size.timeoutInSeconds),
    'remotion-ephemereal-storage-in-mb': String(size.diskSizeInMb),
  };
}
