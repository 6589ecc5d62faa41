import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Aws, Stack } from 'aws-cdk-lib/core';
import type { StepGrant } from './step-grant.ts';

/**
 * What CopyToBucket may do in the destination buckets, and with the keys that they are encrypted with.
 *
 * @param tags Whether it may set tags.
 */
export function destinationGrants(
  buckets: readonly IBucket[],
  { tags }: { readonly tags: boolean },
): StepGrant[] {
  return buckets.flatMap((bucket, i) => [
    writeVideo(bucket, suffix(i), tags),
    resumeCopy(bucket, suffix(i)),
    ...encryptVideo(bucket, suffix(i)),
  ]);
}

/** What StartRender may do in the destination buckets. */
export function lookAtDestinationGrants(buckets: readonly IBucket[]): StepGrant[] {
  return buckets.map((bucket, i) => ({
    sid: `LookAtDestination${suffix(i)}`,
    why: 'A request may choose any key in a destination bucket: whether something is there already is seen before the render costs money.',
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    ...ownersOnly(bucket),
    workflowOnly: true,
  }));
}

/** The accounts that the buckets must belong to, where they are known: `bucket=account`, with commas between them. */
export function destinationOwners(buckets: readonly IBucket[]): string {
  return buckets
    .filter((bucket) => ownerOf(bucket) !== undefined)
    .map((bucket) => `${bucket.bucketName}=${ownerOf(bucket)}`)
    .join(',');
}

/** Sids are unique within a policy. */
const suffix = (index: number): string => (index === 0 ? '' : String(index + 1));

function writeVideo(bucket: IBucket, sidSuffix: string, tags: boolean): StepGrant {
  return {
    sid: `WriteVideo${sidSuffix}`,
    why: 'A request may choose any key in a destination bucket; reading is for checking the copy.',
    actions: ['s3:PutObject', 's3:GetObject', ...(tags ? ['s3:PutObjectTagging'] : [])],
    resources: [bucket.arnForObjects('*')],
    ...ownersOnly(bucket),
  };
}

function ownersOnly(bucket: IBucket): Pick<StepGrant, 'conditions'> {
  const owner = ownerOf(bucket);
  return owner ? { conditions: { StringEquals: { 'aws:ResourceAccount': owner } } } : {};
}

function resumeCopy(bucket: IBucket, sidSuffix: string): StepGrant {
  const { resources, conditions } = writeVideo(bucket, sidSuffix, false);
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
 * The account that the bucket must belong to, so that nobody else's bucket of the same name gets the videos.
 * Of a bucket that is known by its name only, the owner is not known.
 */
function ownerOf(bucket: IBucket): string | undefined {
  if (bucket instanceof Bucket) return Aws.ACCOUNT_ID;
  return bucket.env.account === Stack.of(bucket).account ? undefined : bucket.env.account;
}
