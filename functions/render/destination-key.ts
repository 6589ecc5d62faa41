import { posix } from 'node:path';

/** Neither overwrites another render's video nor lets two jobs share a key. */
const DEFAULT_KEY = 'videos/{jobId}/{renderId}.{extension}';

/** Fills the key template in. `{extension}` is that of `outputKey`, Remotion's own output. */
export function destinationKey(
  template: string | undefined,
  values: { jobId: string; renderId: string; outputKey: string },
): string {
  return (template ?? DEFAULT_KEY)
    .replaceAll('{jobId}', values.jobId)
    .replaceAll('{renderId}', values.renderId)
    .replaceAll('{extension}', posix.extname(values.outputKey).slice(1));
}
