import { setTimeout as sleep } from 'node:timers/promises';
import type {
  GetRenderProgressInput,
  RenderProgressReport,
  StartedRender,
} from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { lookAtRender } from '../render/look-at-render.ts';
import { hasEnded } from '../render/lost-render.ts';
import { readRemotionDeployment } from '../render/remotion-deployment.ts';
import { remotionFunctionTimeoutInMs } from '../render/remotion-function-name.ts';
import type { RemotionProgress } from '../render/remotion-progress.ts';
import { secondsToBudget } from '../render/render-budget.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { secondsSince } from '../runtime/measure.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, stepHandler } from '../runtime/step-handler.ts';
import { readTurns } from '../turns/read-turns.ts';
import { followRender } from './follow-render.ts';
import { LookMeasures } from './look-measures.ts';
import { frameCounters, progressReport } from './progress-report.ts';

const deployment = readRemotionDeployment();
// A name that is not Remotion's fails at init.
remotionFunctionTimeoutInMs(deployment.functionName);
const maxSecondsBetweenUpdates = Number(
  requireEnvironment('MAX_SECONDS_BETWEEN_UPDATES').MAX_SECONDS_BETWEEN_UPDATES,
);
if (!(maxSecondsBetweenUpdates >= 1)) throw new Error('MAX_SECONDS_BETWEEN_UPDATES is no number from 1 up.');
/** From its start to its end, with the time in Lambda's queue. */
const LONGEST_RENDER_IN_SECONDS = 4 * 3_600;

const s3 = shortCallsS3Client();
const turns = readTurns(s3, deployment.bucketName);

/**
 * Looks at a render, and goes on looking while its finish is near; throws what
 * `lookAtRender` throws when it will not finish or cannot be read.
 */
export const handler = stepHandler<GetRenderProgressInput, RenderProgressReport>(
  'GetRenderProgress',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render, previous, turn }) => {
    const earlier = previous && 'pace' in previous ? previous : undefined;
    const measures = new LookMeasures(
      render,
      earlier,
      remotionFunctionTimeoutInMs(render.functionName ?? deployment.functionName),
    );
    let isOver = render.ofOtherExecution === true && !earlier;
    const onProgress = (progress: RemotionProgress) => {
      isOver ||= hasEnded(progress);
      measures.see(progress);
    };
    const look = await followRender({
      read: async () => {
        const progress = await lookAtRender(s3, deployment, render, { now: Date.now, onProgress });
        if (!progress.done) refuseLater(render);
        return {
          progress,
          counters: frameCounters(progress),
          lookWithinSeconds: secondsToBudget(render, progress, Date.now()),
        };
      },
      earlier,
      maxSecondsBetweenUpdates,
      clock: { now: () => Date.now(), sleep },
    })
      .catch((error) => {
        measures.publishFailed(error);
        throw error;
      })
      .finally(async () => {
        if (!isOver || !turn) return;
        await turns?.quietly(() => turns.handOut(({ ticket }) => ticket === turn.ticket));
      });
    const report = progressReport(render, look, earlier);
    measures.publish(report);
    const { progressInPercent, costInUsd, secondsUntilNextLook } = report;
    logger.info('Render progress', { progressInPercent, costInUsd, secondsUntilNextLook });
    return report;
  },
);

/** The time of the whole execution has to allow for the wait before the render. */
function refuseLater({ renderId, startedAt }: StartedRender): void {
  const seconds = secondsSince(startedAt);
  if (seconds > LONGEST_RENDER_IN_SECONDS)
    throw new WorkflowError(
      'RenderTimedOut',
      `Render ${renderId}: The render has not finished within ${Math.round(seconds)} s.`,
    );
}
