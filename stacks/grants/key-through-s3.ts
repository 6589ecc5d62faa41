import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Aws } from 'aws-cdk-lib/core';
import type { StepGrant } from './step-grant.ts';

/**
 * A key that is used through S3 alone, for objects of one bucket.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
 */
export function keyThroughS3(
  key: IKey,
  bucketArn: string,
  region: string,
): Pick<StepGrant, 'resources' | 'conditions'> {
  return {
    resources: [key.keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': `s3.${region}.${Aws.URL_SUFFIX}` },
      // The bucket's ARN where it has a bucket key, else the object's.
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucketArn, `${bucketArn}/*`] },
    },
  };
}
