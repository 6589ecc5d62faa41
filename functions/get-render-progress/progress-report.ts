import type { getRenderProgress } from '@remotion/lambda/client';
import type { RenderedVideo, RenderProgressReport, StartedRender } from '../../statemachine/contract.ts';
import type { KnownRender } from '../render/render-claims.ts';
import { trimmed } from '../runtime/trimmed.ts';
import type { FrameCounters } from './estimate-finish.ts';
import type { Look } from './follow-render.ts';

/** What Remotion's client makes of a render's progress. */
export type RemotionProgress = Awaited<ReturnType<typeof getRenderProgress>> & {
  /** It is finished because its output is there. */
  readonly isOutputOnlyProof?: true;
};

/**
 * Reduces Remotion's progress, which can be 200 KB, to what the next step and a watcher need.
 *
 * @param earlier The report of the look before, if there was one.
 */
export function progressReport(
  render: StartedRender,
  { progress, pace, secondsLeft, secondsUntilNextLook }: Look<RemotionProgress>,
  earlier: RenderProgressReport | undefined,
): RenderProgressReport {
  const warning = progress.errors[0];
  return {
    jobId: render.jobId,
    renderId: render.renderId,
    finished: progress.done,
    progressInPercent: Math.round(progress.overallProgress * 1000) / 10,
    framesRendered: progress.framesRendered,
    framesTotal: framesTotal(progress),
    lambdasInvoked: progress.lambdasInvoked,
    pace: {
      ...pace,
      framesPerSecond: pace.framesPerSecond && Math.round(pace.framesPerSecond * 100) / 100,
    },
    secondsLeft: secondsLeft && Math.round(secondsLeft),
    costInUsd: progress.costs.accruedSoFar,
    looks: (earlier?.looks ?? 0) + 1,
    secondsUntilNextLook,
    logsUrl: render.logsUrl,
    ...(warning && { warning: trimmed(`${warning.name}: ${warning.message}`, 300) }),
    output: renderedVideo(progress),
  };
}

/** The frames that each phase of the render is done with. */
export function frameCounters(progress: RemotionProgress): FrameCounters {
  const { done, framesRendered, encodingStatus } = progress;
  return {
    done,
    framesTotal: framesTotal(progress),
    framesRendered,
    framesEncoded: encodingStatus?.framesEncoded ?? 0,
    combinedFrames: encodingStatus?.combinedFrames ?? 0,
  };
}

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

function framesTotal({ renderMetadata }: RemotionProgress): number | null {
  if (renderMetadata?.type !== 'video') return null;
  const [first, last] = renderMetadata.frameRange;
  return Math.ceil((last - first + 1) / renderMetadata.everyNthFrame);
}

function renderedVideo(progress: RemotionProgress): RenderedVideo | null {
  // `outputFile` is always an amazonaws.com address; bucket and key hold everywhere.
  if (!progress.done || progress.outBucket === null || progress.outKey === null) return null;
  return {
    bucket: progress.outBucket,
    key: progress.outKey,
    sizeInBytes: progress.outputSizeInBytes ?? 0,
    renderTimeInMs: progress.timeToFinish ?? 0,
    ...(progress.isOutputOnlyProof && { isOnlyProof: true }),
  };
}
