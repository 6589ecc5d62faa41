import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Aws, Resource, type Stack } from 'aws-cdk-lib/core';
import type { StepGrant } from './step-grant.ts';

/**
 * What CopyToBucket may do in the destination buckets, and with the keys that they are encrypted with.
 *
 * @param workflow the stack of the workflow
 * @param tags Whether it may set tags.
 */
export function destinationGrants(
  buckets: readonly IBucket[],
  workflow: Stack,
  { tags }: { readonly tags: boolean },
): StepGrant[] {
  return buckets.flatMap((bucket, i) => [
    writeVideo(bucket, workflow, suffix(i), tags),
    resumeCopy(bucket, workflow, suffix(i)),
    ...encryptVideo(bucket, suffix(i)),
  ]);
}

/** What StartRender may do in the destination buckets. */
export function lookAtDestinationGrants(buckets: readonly IBucket[], workflow: Stack): StepGrant[] {
  return buckets.map((bucket, i) => ({
    sid: `LookAtDestination${suffix(i)}`,
    why: 'A request may choose any key in a destination bucket: whether something is there already is seen before the render costs money.',
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    ...ownersOnly(bucket, workflow),
    workflowOnly: true,
  }));
}

/** The accounts that the buckets must belong to, where they are known: `bucket=account`, with commas between them. */
export function destinationOwners(buckets: readonly IBucket[], workflow: Stack): string {
  return buckets
    .map((bucket) => ({ bucketName: bucket.bucketName, owner: ownerOf(bucket, workflow) }))
    .filter(({ owner }) => owner !== undefined)
    .map(({ bucketName, owner }) => `${bucketName}=${owner}`)
    .join(',');
}

/** Sids are unique within a policy. */
const suffix = (index: number): string => (index === 0 ? '' : String(index + 1));

function writeVideo(bucket: IBucket, workflow: Stack, sidSuffix: string, tags: boolean): StepGrant {
  return {
    sid: `WriteVideo${sidSuffix}`,
    why: 'A request may choose any key in a destination bucket; reading is for checking the copy.',
    actions: ['s3:PutObject', 's3:GetObject', ...(tags ? ['s3:PutObjectTagging'] : [])],
    resources: [bucket.arnForObjects('*')],
    ...ownersOnly(bucket, workflow),
  };
}

function ownersOnly(bucket: IBucket, workflow: Stack): Pick<StepGrant, 'conditions'> {
  const owner = ownerOf(bucket, workflow);
  return owner ? { conditions: { StringEquals: { 'aws:ResourceAccount': owner } } } : {};
}

function resumeCopy(bucket: IBucket, workflow: Stack, sidSuffix: string): StepGrant {
  const { resources, conditions } = writeVideo(bucket, workflow, sidSuffix, false);
  return {
    sid: `ResumeCopy${sidSuffix}`,
    why: 'A request may choose any key. A copy in parts is ended when it fails; one that was interrupted is listed, to go on with it.',
    actions: ['s3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
    resources,
    ...(conditions && { conditions }),
    workflowOnly: true,
  };
}

function encryptVideo(bucket: IBucket, sidSuffix: string): StepGrant[] {
  if (!bucket.encryptionKey) return [];
  return [
    {
      sid: `EncryptVideo${sidSuffix}`,
      why: 'S3 encrypts the copy with the key of the bucket, and decrypts it for the check.',
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: [bucket.encryptionKey.keyArn],
      conditions: {
        StringEquals: { 'kms:ViaService': `s3.${bucket.env.region}.${Aws.URL_SUFFIX}` },
        // The bucket's ARN where it has a bucket key, else the object's.
        StringLike: {
          'kms:EncryptionContext:aws:s3:arn': [bucket.bucketArn, bucket.arnForObjects('*')],
        },
      },
    },
  ];
}

/**
 * The account that the bucket must belong to, so that nobody else's bucket of the same name gets the videos. As the
 * CDK has it, a bucket that is imported without `account` belongs to its stack's, where the stack has one; of a stack
 * without an account, only that of a bucket that the app makes is known.
 *
 * @param workflow the stack of the workflow
 */
function ownerOf(bucket: IBucket, workflow: Stack): string | undefined {
  const { account } = bucket.env;
  if (account !== Aws.ACCOUNT_ID) return account;
  return Resource.isOwnedResource(bucket) && workflow.account === Aws.ACCOUNT_ID ? account : undefined;
}
