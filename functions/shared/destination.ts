import { posix } from 'node:path';
import type { Destination } from '../../statemachine/contract.ts';
import { describeField, invalidRenderRequest } from '../../statemachine/parse-render-request.ts';

/** Neither overwrites another render's video nor lets two jobs share a key. */
const DEFAULT_KEY = 'videos/{jobId}/{renderId}';

/** S3's limit of an object key, in bytes. */
const MAX_KEY_BYTES = 1024;

/**
 * Where a request's video will go: the bucket that it asks for, else the stack's first, and its key template.
 *
 * @param buckets The stack's destination buckets, the default first.
 * @throws WorkflowError `InvalidRenderRequest` when the stack may not write to the bucket that was asked for,
 * or the key would get too long: better before the render than after it.
 */
export function chooseDestination(
  { jobId, destination }: { jobId: string; destination?: Destination },
  buckets: readonly string[],
): Destination & { bucket: string } {
  const bucket = destination?.bucket ?? buckets[0];
  if (bucket === undefined || !buckets.includes(bucket)) {
    throw invalidRenderRequest([describeField('destination.bucket', bucket, buckets.join(' or '))]);
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

/** Fills the key template in. The default key takes the extension of `outputKey`, Remotion's own output. */
export function destinationKey(
  template: string | undefined,
  values: { jobId: string; renderId: string; outputKey: string },
): string {
  return (template ?? DEFAULT_KEY + posix.extname(values.outputKey))
    .replaceAll('{jobId}', values.jobId)
    .replaceAll('{renderId}', values.renderId);
}
