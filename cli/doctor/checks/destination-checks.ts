import { GetBucketPolicyCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { deniedTo, deniedWithKey, keyOfBucket } from '../bucket-key.ts';
import { type Check, type Finding, fail, ok, warn, worstOf } from '../check.ts';
import { type PolicyStatement, refusedByPolicy } from '../refused-by-policy.ts';
import { pairs, type WorkflowFacts } from '../workflow-facts.ts';

/** The finding of the check of each of the workflow's destination buckets. */
async function ofEach(facts: WorkflowFacts, find: (bucket: string) => Promise<Finding>): Promise<Finding> {
  const { destinations } = await facts.settings();
  return worstOf(await Promise.all(destinations.map(find)));
}

/** Where videos go. */
export const destinationChecks: readonly Check[] = [
  {
    name: 'destination',
    about: 'The destination buckets are there, and belong to whom the stack expects.',
    permissions: ['s3:ListBucket'],
    run: (facts) =>
      ofEach(facts, async (Bucket) => {
        const { s3 } = facts.clients;
        const { destinationOwners } = await facts.settings();
        const owner = destinationOwners[Bucket];
        const head = await s3.send(new HeadBucketCommand({ Bucket })).catch((error: Error) => {
          if (error.name === 'NotFound') return undefined;
          throw error;
        });
        if (!head)
          return fail(
            `${Bucket} is not there`,
            'Make it, or deploy the stack with another destination bucket.',
          );
        if (owner !== undefined) {
          const isTheirs = await s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: owner })).then(
            () => true,
            () => false,
          );
          if (!isTheirs)
            return fail(
              `${Bucket} does not belong to ${owner}, and every copy to it is refused`,
              'Correct destinationBucketOwners, or name a bucket of that account.',
            );
        }
        const { region, account } = await facts.place();
        const { BucketRegion = region } = head;
        const place = BucketRegion === region ? 'there' : `in ${BucketRegion}`;
        const whose =
          owner === undefined ? 'owner not checked' : owner === account ? 'of this account' : `of ${owner}`;
        return ok(`${place}, ${whose}: ${Bucket}`);
      }),
  },
  {
    name: 'destination-role',
    about: "CopyToBucket's role may write to the destination buckets.",
    permissions: ['iam:SimulatePrincipalPolicy', 'lambda:GetFunctionConfiguration'],
    run: (facts) =>
      ofEach(facts, async (bucket) => {
        const { account } = await facts.place();
        const owner = (await facts.settings()).destinationOwners[bucket] ?? account;
        const { Role = '' } = await facts.step('CopyToBucket');
        const object = `arn:aws:s3:::${bucket}/videos/a.mp4`;
        const denied = await deniedTo(facts, Role, ['s3:PutObject', 's3:GetObject'], object, {
          'aws:ResourceAccount': owner,
        });
        if (denied.length === 0) return ok('CopyToBucket may write to each');
        return fail(
          `CopyToBucket's role may not ${denied.join(', ')} in ${bucket}`,
          'Deploy the stack again; where a permissions boundary or an SCP denies it, allow it there.',
        );
      }),
  },
  {
    name: 'destination-key',
    about: 'The role may use the KMS keys that the destination buckets are encrypted with.',
    permissions: ['s3:GetEncryptionConfiguration', 'iam:SimulatePrincipalPolicy'],
    run: (facts) =>
      ofEach(facts, async (Bucket) => {
        const key = await keyOfBucket(facts, Bucket);
        if (key === undefined) return ok('keys that need no grants');
        const { Role = '' } = await facts.step('CopyToBucket');
        const denied = await deniedWithKey(facts, Role, key, Bucket);
        if (denied.length === 0) return ok(`CopyToBucket may use ${key}`);
        return fail(
          `${Bucket} is encrypted with ${key}, and CopyToBucket's role may not ${denied.join(', ')}`,
          "Deploy the stack with destinationKmsKeyArn, or the bucket's encryptionKey in an app of your own.",
        );
      }),
  },
  {
    name: 'destination-policy',
    about: 'No policy of a destination bucket refuses the copy.',
    permissions: ['s3:GetBucketPolicy'],
    run: (facts) =>
      ofEach(facts, async (Bucket) => {
        const { Policy } = await facts.clients.s3
          .send(new GetBucketPolicyCommand({ Bucket }))
          .catch((error: Error) => {
            if (error.name === 'NoSuchBucketPolicy') return { Policy: undefined };
            throw error;
          });
        const statements: PolicyStatement[] = [JSON.parse(Policy ?? '{}').Statement ?? []].flat();
        const { Role, Environment } = await facts.step('CopyToBucket');
        const { DESTINATION_ENCRYPTION, DESTINATION_ACL, DESTINATION_KEYS } = Environment?.Variables ?? {};
        const { certainly, perhaps } = refusedByPolicy(statements, {
          roleArn: Role ?? '',
          objectArn: `arn:aws:s3:::${Bucket}/videos/a.mp4`,
          headers: {
            's3:x-amz-server-side-encryption': DESTINATION_ENCRYPTION,
            's3:x-amz-server-side-encryption-aws-kms-key-id': pairs(DESTINATION_KEYS)[Bucket],
            's3:x-amz-acl': DESTINATION_ACL,
          },
        });
        if (certainly.length > 0)
          return fail(
            `the policy of ${Bucket} refuses copies: ${certainly.join(', ')}`,
            'Send the header that it demands (destinationEncryption, destinationOwnerFullControl), or let the role in.',
          );
        if (perhaps.length > 0)
          return warn(
            `the policy of ${Bucket} refuses writes by what is not known here: ${perhaps.join(', ')}`,
            "Read that statement: does it refuse CopyToBucket's role?",
          );
        return ok('no bucket policy refuses the copy');
      }),
  },
];
