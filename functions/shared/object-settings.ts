import type { Destination } from '../../statemachine/contract.ts';
import { contentType } from './content-type.ts';
import type { ObjectSettings } from './pinned-copy.ts';

/**
 * What the copy of a video gets beside its content: what the request says, and the stack's key.
 *
 * @param key Object key of Remotion's output: its extension tells the content type.
 * @param kmsKeyArn Key that the copy is encrypted with. Default: as the destination bucket is set up.
 */
export function objectSettings(
  { cacheControl, contentDisposition, storageClass, tags }: Destination,
  key: string,
  kmsKeyArn: string | undefined,
): ObjectSettings {
  return {
    ContentType: contentType(key),
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    ...(contentDisposition !== undefined && { ContentDisposition: contentDisposition }),
    ...(storageClass !== undefined && { StorageClass: storageClass }),
    ...(tags !== undefined && { Tagging: tagging(tags) }),
    ...(kmsKeyArn !== undefined && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn }),
  };
}

function tagging(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}
