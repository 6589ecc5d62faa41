import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketEncryptionCommand } from '@aws-sdk/client-s3';
import { NotAsked } from './not-asked.ts';
import type { WorkflowFacts } from './workflow-facts.ts';

/**
 * ARN of the customer's KMS key that S3 encrypts a bucket's objects with; undefined for S3's own keys, and for the
 * account's key for S3, which needs no grants.
 *
 * @throws NotAsked when it is named by an alias, of which policies say nothing
 */
export async function keyOfBucket(facts: WorkflowFacts, Bucket: string): Promise<string | undefined> {
  const { ServerSideEncryptionConfiguration } = await facts.clients.s3.send(
    new GetBucketEncryptionCommand({ Bucket }),
  );
  const [rule] = ServerSideEncryptionConfiguration?.Rules ?? [];
  const { SSEAlgorithm = 'AES256', KMSMasterKeyID: key } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  if (!SSEAlgorithm.startsWith('aws:kms') || key === undefined) return undefined;
  if (/(^|:)alias\//.test(key))
    throw new NotAsked(`${Bucket} names its key by ${key}: see by hand who may use it`);
  const { region, account } = await facts.place();
  return key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:key/${key}`;
}

/** What a role lacks of a key to write and to read objects of a bucket. */
export function deniedWithKey(
  facts: WorkflowFacts,
  role: string,
  key: string,
  bucket: string,
): Promise<string[]> {
  return deniedTo(facts, role, ['kms:GenerateDataKey', 'kms:Decrypt'], key, {
    'kms:ViaService': `s3.${key.split(':')[3]}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${bucket}`,
  });
}

/** Those of some actions that the policies of a role do not allow, or deny. @param context values of condition keys */
export async function deniedTo(
  { clients: { iam } }: WorkflowFacts,
  PolicySourceArn: string,
  ActionNames: string[],
  resource: string,
  context: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn,
      ActionNames,
      ResourceArns: [resource],
      ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyType: 'string',
        ContextKeyValues: [value],
      })),
    }),
  );
  return EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed').map(
    ({ EvalActionName = '' }) => EvalActionName,
  );
}
