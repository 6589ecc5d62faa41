import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { deleteSourceGrants, type RemotionResources } from './remotion-policy.ts';
import type { StepGrant } from './step-grant.ts';

/** How finished videos are copied. What is not asked for is not granted. */
export interface CopySettings {
  /**
   * Account ids of the destination buckets' owners, by the buckets' names. S3 then refuses a bucket of that name
   * that belongs to somebody else.
   * @default - known only of the new bucket
   */
  readonly destinationBucketOwners?: Readonly<Record<string, string>>;
  /**
   * Key that videos are encrypted with at their destination. Its key policy has to allow this account's use.
   * @default - as the destination bucket is set up, with a key that needs no grants
   */
  readonly destinationEncryptionKey?: IKey;
  /**
   * Key that the Remotion bucket is encrypted with.
   * @default - one that needs no grants
   */
  readonly remotionBucketEncryptionKey?: IKey;
  /**
   * Whether requests may set tags on their videos.
   * @default false
   */
  readonly destinationTags?: boolean;
  /**
   * Whether the files of a render are deleted from the Remotion bucket, but for its progress, once its video is
   * delivered.
   * @default false
   */
  readonly deleteSource?: boolean;
}

/** What CopyToBucket may do, by the name of the inline policy. */
export function copyGrants(
  settings: CopySettings,
  remotion: RemotionResources,
  destinations: readonly IBucket[],
): Record<string, StepGrant[]> {
  const { destinationTags, destinationEncryptionKey, remotionBucketEncryptionKey, deleteSource } = settings;
  const objects = destinations.map((bucket) => bucket.arnForObjects('*'));
  return {
    Destination: [
      {
        sid: 'WriteVideo',
        why: 'A request may choose any key in a destination bucket; reading is for checking the copy, and a copy in parts is listed to go on with it and ended when it fails.',
        actions: [
          's3:PutObject',
          's3:GetObject',
          's3:ListMultipartUploadParts',
          's3:AbortMultipartUpload',
          ...(destinationTags ? ['s3:PutObjectTagging'] : []),
        ],
        resources: objects,
      },
    ],
    ...((destinationEncryptionKey ?? remotionBucketEncryptionKey) && {
      Encryption: [
        ...encryptionGrant('DecryptSource', ['kms:Decrypt'], remotionBucketEncryptionKey),
        ...encryptionGrant(
          'EncryptVideo',
          // S3 decrypts the parts of an upload to put them together, and the copy to read its checksum.
          ['kms:GenerateDataKey', 'kms:Decrypt'],
          destinationEncryptionKey,
        ),
      ],
    }),
    ...(deleteSource && { DeleteSource: deleteSourceGrants(remotion) }),
  };
}

/** The environment variables of CopyToBucket. */
export function copyEnvironment(
  { destinationBucketOwners = {}, destinationEncryptionKey, deleteSource }: CopySettings,
  newBucket: IBucket | undefined,
): Record<string, string> {
  const owners = Object.entries(destinationBucketOwners);
  if (newBucket) owners.push([newBucket.bucketName, newBucket.env.account]);
  return {
    ...(owners.length > 0 && {
      DESTINATION_BUCKET_OWNERS: owners.map(([name, account]) => `${name}=${account}`).join(','),
    }),
    ...(destinationEncryptionKey && { DESTINATION_KMS_KEY_ARN: destinationEncryptionKey.keyArn }),
    ...(deleteSource && { DELETE_SOURCE: 'true' }),
  };
}

function encryptionGrant(sid: string, actions: readonly string[], key: IKey | undefined): StepGrant[] {
  return key
    ? [{ sid, why: 'The bucket is encrypted with this key.', actions, resources: [key.keyArn] }]
    : [];
}
