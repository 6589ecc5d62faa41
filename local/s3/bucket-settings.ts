import { AwsError, type AwsResponse, type PolicyStatement } from '../aws.ts';
import type { PublicAccessBlock } from '../cloud-assembly/local-stack.ts';
import type { S3OperationName } from './operation.ts';

/** A bucket to create when the machine starts. */
export interface S3Bucket {
  readonly name: string;
  readonly acceptsAcls: boolean;
  /** @default nothing is blocked */
  readonly publicAccessBlock?: Partial<PublicAccessBlock>;
  /** Key of its default encryption. @default S3's own */
  readonly keyArn?: string;
}

type Setting = Extract<
  S3OperationName,
  'GetBucketPolicy' | 'GetBucketOwnershipControls' | 'GetBucketEncryption' | 'GetPublicAccessBlock'
>;

/**
 * How a bucket is set up by its template, as S3 tells it.
 *
 * @throws AwsError `NoSuchBucket`, `NoSuchBucketPolicy`
 */
export function bucketSetting(
  setting: Setting,
  bucket: S3Bucket | undefined,
  policy: readonly PolicyStatement[] | undefined,
): AwsResponse {
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
  const { acceptsAcls, publicAccessBlock = {}, keyArn } = bucket;
  switch (setting) {
    case 'GetBucketPolicy':
      if (!policy) throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ Version: '2012-10-17', Statement: policy }),
      };
    case 'GetBucketOwnershipControls':
      return xml('OwnershipControls', {
        Rule: { ObjectOwnership: acceptsAcls ? 'BucketOwnerPreferred' : 'BucketOwnerEnforced' },
      });
    case 'GetBucketEncryption':
      return xml('ServerSideEncryptionConfiguration', {
        Rule: {
          ApplyServerSideEncryptionByDefault: keyArn
            ? { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn }
            : { SSEAlgorithm: 'AES256' },
        },
      });
    case 'GetPublicAccessBlock': {
      const {
        blockPublicAcls = false,
        blockPublicPolicy = false,
        restrictPublicBuckets = false,
      } = publicAccessBlock;
      return xml('PublicAccessBlockConfiguration', {
        BlockPublicAcls: blockPublicAcls,
        IgnorePublicAcls: blockPublicAcls,
        BlockPublicPolicy: blockPublicPolicy,
        RestrictPublicBuckets: restrictPublicBuckets,
      });
    }
  }
}

interface Elements {
  readonly [name: string]: string | boolean | Elements;
}

function xml(root: string, content: Elements): AwsResponse {
  const write = (elements: Elements): string =>
    Object.entries(elements)
      .map(([name, value]) => `<${name}>${typeof value === 'object' ? write(value) : value}</${name}>`)
      .join('');
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: write({ [root]: content }) };
}
