import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Aws, Resource, type Stack } from 'aws-cdk-lib/core';
import { keyThroughS3 } from './key-through-s3.ts';
import type { StepGrant } from './step-grant.ts';

interface Settings {
  /** Whether CopyToBucket may set tags. */
  readonly tags?: boolean | undefined;
  /** Whether it sets the ACL that gives the bucket's owner control. */
  readonly acl?: boolean | undefined;
}

/**
 * What CopyToBucket may do in the destination buckets, and with the keys that they are encrypted with.
 *
 * @param workflow the stack of the workflow
 */
export function destinationGrants(
  buckets: readonly IBucket[],
  workflow: Stack,
  settings: Settings = {},
): StepGrant[] {
  return buckets.flatMap((bucket, i) => [
    writeVideo(bucket, workflow, suffix(i), settings),
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

/** The keys that the buckets are encrypted with, where they have one: `bucket=key ARN`, with commas between them. */
export function destinationKeys(buckets: readonly IBucket[]): string {
  return buckets
    .flatMap(({ bucketName, encryptionKey }) =>
      encryptionKey ? [`${bucketName}=${encryptionKey.keyArn}`] : [],
    )
    .join(',');
}

/** Sids are unique within a policy. */
const suffix = (index: number): string => (index === 0 ? '' : String(index + 1));

function writeVideo(bucket: IBucket, workflow: Stack, sidSuffix: string, { tags, acl }: Settings): StepGrant {
  return {
    sid: `WriteVideo${sidSuffix}`,
    why: 'A request may choose any key in a destination bucket; reading is for checking the copy.',
    actions: [
      's3:PutObject',
      's3:GetObject',
      ...(tags ? ['s3:PutObjectTagging'] : []),
      ...(acl ? ['s3:PutObjectAcl'] : []),
    ],
    resources: [bucket.arnForObjects('*')],
    ...ownersOnly(bucket, workflow),
  };
}

function ownersOnly(bucket: IBucket, workflow: Stack): Pick<StepGrant, 'conditions'> {
  const owner = ownerOf(bucket, workflow);
  return owner ? { conditions: { StringEquals: { 'aws:ResourceAccount': owner } } } : {};
}

function resumeCopy(bucket: IBucket, workflow: Stack, sidSuffix: string): StepGrant {
  const { resources, conditions } = writeVideo(bucket, workflow, sidSuffix, {});
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
      ...keyThroughS3(bucket.encryptionKey, bucket.bucketArn, bucket.env.region),
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
