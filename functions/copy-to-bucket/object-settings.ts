import type { Destination } from '../../statemachine/contract.ts';
import { contentType } from './content-type.ts';
import type { ObjectSettings } from './pinned-copy.ts';

/**
 * What the copy of a video gets beside its content. It is encrypted as the destination bucket is set up, or as its policy demands (`demandedHeaders`).
 *
 * @param key Object key of Remotion's output: its extension tells the content type.
 */
export function objectSettings(
  { cacheControl, contentDisposition, storageClass, tags }: Destination,
  key: string,
): ObjectSettings {
  return {
    ContentType: contentType(key),
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    ...(contentDisposition !== undefined && { ContentDisposition: contentDisposition }),
    ...(storageClass !== undefined && { StorageClass: storageClass }),
    ...(tags !== undefined && { Tagging: tagging(tags) }),
  };
}

function tagging(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}
