import { setTimeout as sleep } from 'node:timers/promises';
import type { GetRenderProgressInput, RenderProgressReport } from '../../statemachine/contract.ts';
import { lookAtRender } from '../render/look-at-render.ts';
import { readRemotionDeployment } from '../render/remotion-deployment.ts';
import { remotionFunctionTimeoutInMs } from '../render/remotion-function-name.ts';
import type { RemotionProgress } from '../render/remotion-progress.ts';
import { secondsToBudget } from '../render/render-budget.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, stepHandler } from '../runtime/step-handler.ts';
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
const s3 = shortCallsS3Client();

/**
 * Looks at a render, and goes on looking while its finish is near; throws what
 * `lookAtRender` throws when it will not finish or cannot be read.
 */
export const handler = stepHandler<GetRenderProgressInput, RenderProgressReport>(
  'GetRenderProgress',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render, previous }) => {
    const earlier = previous && 'pace' in previous ? previous : undefined;
    const measures = new LookMeasures(
      render,
      earlier,
      remotionFunctionTimeoutInMs(render.functionName ?? deployment.functionName),
    );
    const onProgress = (progress: RemotionProgress) => measures.see(progress);
    const look = await followRender({
      read: async () => {
        const progress = await lookAtRender(s3, deployment, render, { now: Date.now, onProgress });
        return {
          progress,
          counters: frameCounters(progress),
          lookWithinSeconds: secondsToBudget(render, progress, Date.now()),
        };
      },
      earlier,
      maxSecondsBetweenUpdates,
      clock: { now: () => Date.now(), sleep },
    }).catch((error) => {
      measures.publishFailed(error);
      throw error;
    });
    const report = progressReport(render, look, earlier);
    measures.publish(report);
    const { progressInPercent, costInUsd, secondsUntilNextLook } = report;
    logger.info('Render progress', { progressInPercent, costInUsd, secondsUntilNextLook });
    return report;
  },
);
