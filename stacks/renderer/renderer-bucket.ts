import { createHash } from 'node:crypto';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  BucketNamespace,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { explainGrants } from '../grants/grant-reasons.ts';
import { thisCreation } from '../unique-name.ts';
import type { RemotionPackage } from './remotion-package.ts';

/** Days after which props and tables go that a render has left over, or that a request has named. */
const PROPS_EXPIRE_AFTER_IN_DAYS = 30;

/** Tag of the files of a site that another has replaced. */
export const REPLACED_SITE_TAG = { key: 'remotion-site', value: 'replaced' };

export interface RendererBucketProps {
  readonly remotion: RemotionPackage;
  /** Whether the policy of the bucket may make objects public. */
  readonly publicPolicy: boolean;
  /** How long a site stays that another has replaced, in days. */
  readonly replacedSitesExpireAfterInDays: number;
  /** Key that all but the sites is encrypted with. @default - a key of S3 */
  readonly encryptionKey?: IKey;
}

/**
 * The Remotion bucket, kept when the stack is deleted: it holds what keeps jobs from being rendered twice.
 *
 * Its name begins as Remotion wants it, and is of the namespace that this account has in this region, so that no
 * other account can take it: `<prefix>-<account>-<region>-an`. The prefix is another one when the stack is made again
 * after it was destroyed, as this bucket stays.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 */
export class RendererBucket extends Bucket {
  /** As text of which the beginning is known when the stack is synthesized. */
  readonly remotionBucketName: string;

  constructor(scope: Construct, id: string, props: RendererBucketProps) {
    const bucketNamePrefix = `remotionlambda-${digestOf(scope)}-${thisCreation()}`;
    super(scope, id, {
      bucketNamePrefix,
      bucketNamespace: BucketNamespace.ACCOUNT_REGIONAL,
      ...(props.encryptionKey
        ? {
            encryption: BucketEncryption.KMS,
            encryptionKey: props.encryptionKey,
            // A render writes its progress every second, and each write would be a call of the key.
            bucketKeyEnabled: true,
          }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      // Remotion sends an ACL with everything that it writes. With ownership enforced S3 would refuse that.
      // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      blockPublicAccess: props.publicPolicy ? BlockPublicAccess.BLOCK_ACLS_ONLY : BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: lifecycleRules(props),
    });
    this.remotionBucketName = `${bucketNamePrefix}-${Aws.ACCOUNT_ID}-${Aws.REGION}-an`;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Where access logs go, and whether they are worth their cost, is for the owner of the account to say.',
    });
    if (props.publicPolicy)
      Validations.of(this).acknowledge({
        id: 'AwsSolutions-S2',
        reason: 'Chromium reads the sites without a signature. No ACL makes anything public.',
      });
    explainGrants(this, { actions: ['s3:*'], why: 'Nobody reaches the bucket without TLS.' });
  }
}

function lifecycleRules({ remotion, replacedSitesExpireAfterInDays }: RendererBucketProps): LifecycleRule[] {
  return [
    ...remotion.deleteAfter.map(({ id, prefix, days }) => ({ id, prefix, expiration: Duration.days(days) })),
    ...['input-props', 'resolved-props', 'batch-items'].map((prefix) => ({
      id: `expire-${prefix}`,
      prefix: `${prefix}/`,
      expiration: Duration.days(PROPS_EXPIRE_AFTER_IN_DAYS),
    })),
    {
      id: 'expire-replaced-sites',
      prefix: 'sites/',
      tagFilters: { [REPLACED_SITE_TAG.key]: REPLACED_SITE_TAG.value },
      expiration: Duration.days(replacedSitesExpireAfterInDays),
    },
    { id: 'abort-interrupted-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
  ];
}

/** Tells the renderers of an account and region apart; stays the same from deployment to deployment. */
function digestOf(scope: Construct): string {
  const name = `${Stack.of(scope).stackName}/${scope.node.path}`;
  return createHash('sha256').update(name).digest('hex').slice(0, 6);
}
