import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { explainOwner } from './grants/encryption-keys.ts';
import { explainGrants } from './grants/grant-reasons.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';

/** A private bucket for finished videos, which is kept when the stack is deleted. */
export function newDestinationBucket(
  scope: Construct,
  { versionedDestination = false, encryptionKeys }: RenderWorkflowProps,
): Bucket {
  const encryptionKey = encryptionKeys?.destinationBucket;
  const bucket = new Bucket(scope, 'Videos', {
    ...(encryptionKey
      ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: BucketEncryption.S3_MANAGED }),
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: versionedDestination,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ id: 'AbortInterruptedCopies', abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Where access logs go, and whether they are worth their cost, is for the owner of the account to say.',
  });
  if (encryptionKey) explainOwner(encryptionKey);
  explainGrants(bucket, { actions: ['s3:*'], why: 'Nobody reaches the videos without TLS.' });
  return bucket;
}
