import type { Destination } from '../../statemachine/contract.ts';
import { describeField, invalidRenderRequest } from '../../statemachine/parse-render-request.ts';
import { destinationKey } from '../render/destination-key.ts';

/** S3's limit of an object key, in bytes. */
const MAX_KEY_BYTES = 1024;

/** What a stack allows of a destination. */
export interface AllowedDestinations {
  /** The stack's destination buckets, the default first. */
  readonly buckets: readonly string[];
  /** Whether CopyToBucket may set tags. */
  readonly tags: boolean;
}

/**
 * Where a request's video will go: the bucket that it asks for, else the stack's first, and its key template.
 *
 * @throws WorkflowError `InvalidRenderRequest` when the stack may not write to the bucket that was asked for or
 * not set tags, or the key would get too long: better before the render than after it.
 */
export function chooseDestination(
  { jobId, destination }: { jobId: string; destination?: Destination },
  { buckets, tags }: AllowedDestinations,
): Destination & { bucket: string } {
  const bucket = destination?.bucket ?? buckets[0];
  if (bucket === undefined || !buckets.includes(bucket)) {
    throw invalidRenderRequest([describeField('destination.bucket', bucket, buckets.join(' or '))]);
  }
  if (destination?.tags && !tags) {
    const accepted = 'no tags: this stack is deployed without destinationTags';
    throw invalidRenderRequest([describeField('destination.tags', destination.tags, accepted)]);
  }
  const template = destination?.key;
  if (template === undefined) return { ...destination, bucket };
  const longest = destinationKey(template, { jobId, renderId: 'x'.repeat(32), outputKey: '' });
  if (Buffer.byteLength(longest) > MAX_KEY_BYTES) {
    const accepted = 'a key of at most 1,024 bytes with {jobId} and {renderId} filled in';
    throw invalidRenderRequest([describeField('destination.key', template, accepted)]);
  }
  return { ...destination, bucket };
}
