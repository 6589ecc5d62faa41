import { UsageError } from '../cli/usage-error.ts';
import { type ExplainedPolicies, list } from './explained-statement.ts';

/** A destination bucket in another account than the workflow's. */
export interface OtherAccount {
  /** ARN of the bucket. */
  readonly destination: string;
  /** The account in which the workflow runs, 12 digits. */
  readonly account: string;
  /** ARN of CopyToBucket's role, which is an output of the deployed stack. */
  readonly roleArn?: string;
  /** ARN of the key that the bucket is encrypted with. */
  readonly keyArn?: string;
  readonly stackName: string;
}

/** Policies for the owner of the bucket to add. */
export interface OwnersPolicies {
  readonly bucketPolicy: object;
  /** A statement of the key's policy, where the bucket has a key. */
  readonly keyStatement?: object;
}

/**
 * What the owner of a destination bucket in another account has to allow: what CopyToBucket's own role may do in a
 * destination bucket, for that role only. Access across accounts needs both.
 */
export function ownersPolicies(policies: ExplainedPolicies, other: OtherAccount): OwnersPolicies {
  const bucketPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RenderWorkflowWritesVideos',
        Effect: 'Allow',
        ...caller(other),
        Action: destinationActions(policies),
        Resource: `${other.destination}/*`,
      },
    ],
  };
  return { bucketPolicy, ...(other.keyArn && { keyStatement: keyStatement(other, other.keyArn) }) };
}

/** @throws UsageError naming the value that cannot be used */
export function checkOtherAccount(other: Omit<OtherAccount, 'stackName'>): void {
  check(
    '--destination',
    other.destination,
    /^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    'the ARN of a bucket, such as arn:aws:s3:::their-bucket',
  );
  check('--account', other.account, /^\d{12}$/, 'the 12 digits of the account in which the workflow runs');
  if (other.roleArn !== undefined)
    check(
      '--role',
      other.roleArn,
      new RegExp(`^arn:aws[a-z-]*:iam::${other.account}:role/\\S+$`),
      `the ARN of a role of the account ${other.account}; the stack's output CopyToBucketRoleArn is it`,
    );
  if (other.keyArn !== undefined)
    check(
      '--key',
      other.keyArn,
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/\S+$/,
      'the ARN of a KMS key, such as arn:aws:kms:us-east-1:444455556666:key/1234abcd',
    );
}

/** What the role may do in a destination bucket of its own account, as the template has it. */
function destinationActions({ statements }: ExplainedPolicies): string[] {
  const actions = statements
    .filter(({ holder, statement }) => holder === 'CopyToBucket' && statement.Sid?.startsWith('WriteVideo'))
    .flatMap(({ statement }) => list(statement.Action));
  return [...new Set(actions)];
}

/** The role; while its ARN is not known, the roles of the stack, of which only CopyToBucket's may write there. */
function caller({ account, roleArn, stackName, destination }: OtherAccount): object {
  if (roleArn) return { Principal: { AWS: roleArn } };
  const partition = destination.split(':')[1];
  // CloudFormation cuts a long stack's name in the names that it makes up.
  const role = `arn:${partition}:iam::${account}:role/${stackName.slice(0, 24)}*`;
  return {
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Condition: { ArnLike: { 'aws:PrincipalArn': role } },
  };
}

function keyStatement(other: OtherAccount, keyArn: string): object {
  const { Principal, Condition } = caller(other) as { Principal: object; Condition?: object };
  const [, partition, , region] = keyArn.split(':');
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    Sid: 'RenderWorkflowEncryptsVideos',
    Effect: 'Allow',
    Principal,
    Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
    // In a key's policy "*" is the key itself.
    Resource: '*',
    Condition: { ...Condition, StringEquals: { 'kms:ViaService': `s3.${region}.${suffix}` } },
  };
}

function check(option: string, value: string, pattern: RegExp, expected: string): void {
  if (!pattern.test(value)) {
    throw new UsageError(`${option} is ${JSON.stringify(value)}; expected ${expected}.`);
  }
}
