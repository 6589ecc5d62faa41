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
import { Aws, Duration, RemovalPolicy, Size, Tags } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { explainGrants } from '../grants/grant-reasons.ts';
import { rendererGrants } from '../grants/renderer-policy.ts';
import { acknowledgeWildcards, type StepGrant, toPolicyStatement } from '../grants/step-grant.ts';
import type { RemotionPackage } from './remotion-package.ts';
import type { NamedSize } from './renderer-size.ts';

/** The network that Remotion's functions are in. */
export interface RendererNetwork {
  readonly vpc: IVpc;
  /** @default - as the CDK chooses: private subnets, from which the site has to be reached */
  readonly vpcSubnets?: SubnetSelection;
  /** @default - a new one for each function */
  readonly securityGroups?: ISecurityGroup[];
}

export interface RendererFunctionProps {
  readonly remotion: RemotionPackage;
  readonly size: NamedSize;
  readonly bucketName: string;
  /** ARNs of layers, or a token of them. */
  readonly layers: string[];
  readonly logRetention: RetentionDays;
  readonly logEncryptionKey?: IKey;
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

  constructor(scope: Construct, id: string, props: RendererFunctionProps) {
    super(scope, id);
    const { remotion, size, bucketName, network } = props;
    const { functionName } = size;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention,
      ...(props.logEncryptionKey && { encryptionKey: props.logEncryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const grants = [...rendererGrants({ functionName, bucketName }), ...(network ? [JOIN_NETWORK] : [])];
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
