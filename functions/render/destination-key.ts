import { posix } from 'node:path';

/** Neither overwrites another render's video nor lets two jobs share a key. */
const DEFAULT_KEY = 'videos/{jobId}/{renderId}';

/** Fills the key template in. The default key takes the extension of `outputKey`, Remotion's own output. */
export function destinationKey(
  template: string | undefined,
  values: { jobId: string; renderId: string; outputKey: string },
): string {
  return (template ?? DEFAULT_KEY + posix.extname(values.outputKey))
    .replaceAll('{jobId}', values.jobId)
    .replaceAll('{renderId}', values.renderId);
}
