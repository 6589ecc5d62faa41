import { tmpdir } from 'node:os';
import { getRolePolicy, ROLE_NAME } from '@remotion/lambda/policies';
import { LOCAL_ACCOUNT_ID, type PolicyStatement } from '../../local/aws.ts';
import type { LocalStack } from '../../local/cloud-assembly/local-stack.ts';
import { functionArn } from '../../local/lambda/function-configuration.ts';

/** A Remotion function, its role and its bucket as Remotion's own command makes them, beside the stack. */
export function existingRemotion(
  functionName: string,
  bucketName: string,
  timeoutInSeconds: number,
): LocalStack {
  const roleArn = `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role/${ROLE_NAME}`;
  return {
    name: 'Remotion',
    functions: [
      {
        logicalId: 'RemotionFunction',
        name: functionName,
        arn: functionArn(functionName),
        roleArn,
        codeDir: tmpdir(),
        isRemotions: true,
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        environment: {},
        timeoutInSeconds,
        memorySizeInMb: 2048,
        diskSizeInMb: 2048,
        architecture: 'arm64',
        layers: [],
        maximumRetryAttempts: 0,
        maximumEventAgeInSeconds: 21_600,
      },
    ],
    roles: [
      {
        arn: roleArn,
        name: ROLE_NAME,
        trust: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
        statements: (JSON.parse(getRolePolicy()) as { Statement: PolicyStatement[] }).Statement,
      },
    ],
    buckets: [
      {
        logicalId: 'RemotionBucket',
        name: bucketName,
        arn: `arn:aws:s3:::${bucketName}`,
        versioned: false,
        acceptsAcls: true,
        publicAccessBlock: { blockPublicAcls: false, blockPublicPolicy: false, restrictPublicBuckets: false },
      },
    ],
    stateMachines: [],
    queues: [],
    pipes: [],
    restApis: [],
    eventBuses: [],
    eventRules: [],
    distributions: [],
    customResources: [],
    resourcePolicies: {},
    outputs: {},
  };
}
