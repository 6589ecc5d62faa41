import type { RenderedVideo, RenderProgressReport, StartedRender } from '../../statemachine/contract.ts';
import type { RemotionProgress } from '../render/remotion-progress.ts';
import { spentOn } from '../render/render-budget.ts';
import { trimmed } from '../runtime/trimmed.ts';
import type { FrameCounters } from './estimate-finish.ts';
import type { Look } from './follow-render.ts';

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
    costInUsd: spentOn(render, progress),
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
    // Absent where progress.json was written before Remotion knew artifacts.
    ...(progress.artifacts?.length > 0 && { artifacts: progress.artifacts.length }),
    ...(progress.isOutputOnlyProof && { isOnlyProof: true }),
  };
}
