import type { CreateMultipartUploadCommandInput, S3Client } from '@aws-sdk/client-s3';

export interface ObjectAddress {
  bucket: string;
  key: string;
  /** Account id of the bucket's owner, where it is known: S3 refuses a bucket of somebody else. */
  owner?: string | undefined;
}

/** What a new object gets beside its content. */
export type ObjectSettings = Pick<
  CreateMultipartUploadCommandInput,
  | 'ACL'
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentType'
  | 'Metadata'
  | 'ServerSideEncryption'
  | 'SSEKMSKeyId'
  | 'StorageClass'
  | 'Tagging'
>;

/** A copy of one state of an object, known by its ETag. */
export interface PinnedCopy {
  readonly source: ObjectAddress & { readonly etag: string; readonly sizeInBytes: number };
  readonly destination: ObjectAddress;
  readonly settings: ObjectSettings;
  /** Whether the copy may replace another object. */
  readonly overwrite: boolean;
}

/** The clients of a copy, which may be in two regions. */
export interface CopyClients {
  readonly source: S3Client;
  readonly destination: S3Client;
}

/** An object in a request. */
export function addressed({ bucket, key, owner }: ObjectAddress) {
  return { Bucket: bucket, Key: key, ...(owner && { ExpectedBucketOwner: owner }) };
}

/** The source of a copy in a request, pinned. */
export function pinned({ source }: PinnedCopy) {
  return {
    CopySource: `${source.bucket}/${encodeURIComponent(source.key)}`,
    CopySourceIfMatch: source.etag,
    ...(source.owner && { ExpectedSourceBucketOwner: source.owner }),
  };
}

/** The condition of a write that must not replace anything. */
export function onlyIfNothingIsThere({ overwrite }: PinnedCopy) {
  return overwrite ? {} : { IfNoneMatch: '*' };
}
