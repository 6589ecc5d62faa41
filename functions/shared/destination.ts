import { posix } from 'node:path';
import type { Destination } from '../../statemachine/contract.ts';
import { describeField, invalidRenderRequest } from '../../statemachine/parse-render-request.ts';

/** Neither overwrites another render's video nor lets two jobs share a key. */
const DEFAULT_KEY = 'videos/{jobId}/{renderId}';

/**
 * The bucket that a request asks for, else the stack's first.
 *
 * @param buckets The stack's destination buckets, the default first.
 * @throws WorkflowError `InvalidRenderRequest` when the stack may not write to the bucket that was asked for:
 * better before the render than after it.
 */
export function chooseDestination(
  asked: Destination | undefined,
  buckets: readonly string[],
): { bucket: string; key?: string } {
  const bucket = asked?.bucket ?? buckets[0];
  if (bucket === undefined || !buckets.includes(bucket)) {
    throw invalidRenderRequest([describeField('destination.bucket', bucket, buckets.join(' or '))]);
  }
  return asked?.key === undefined ? { bucket } : { bucket, key: asked.key };
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
