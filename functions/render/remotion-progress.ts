import type { getRenderProgress } from '@remotion/lambda/client';
import type { KnownRender } from './render-claims.ts';

/** What Remotion's client makes of a render's progress. */
export type RemotionProgress = Awaited<ReturnType<typeof getRenderProgress>> & {
  /** It is finished because its output is there. */
  readonly isOutputOnlyProof?: true;
};

/** The progress of a render that Remotion does not call finished, but whose output is there. */
export function finishedBy(
  progress: RemotionProgress,
  output: { bucket: string; key: string; sizeInBytes: number },
  { startedAt }: KnownRender,
  now: number,
): RemotionProgress {
  return {
    ...progress,
    done: true,
    isOutputOnlyProof: true,
    overallProgress: 1,
    outBucket: output.bucket,
    outKey: output.key,
    outputSizeInBytes: output.sizeInBytes,
    timeToFinish: now - startedAt,
  };
}
