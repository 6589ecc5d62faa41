import type { GetRenderProgressInput, RenderProgressReport } from '../statemachine/contract.ts';
import { lookAtRender } from './shared/look-at-render.ts';
import { progressReport } from './shared/progress-report.ts';
import { readRemotionDeployment } from './shared/remotion-deployment.ts';
import { remotionFunctionTimeoutInMs } from './shared/remotion-function-name.ts';
import { shortCallsS3Client } from './shared/s3-client.ts';
import { logger, stepHandler } from './shared/step-handler.ts';

const deployment = readRemotionDeployment();
// A name from which no timeout can be read fails here, at init.
remotionFunctionTimeoutInMs(deployment.functionName);
const s3 = shortCallsS3Client();

/** Looks at a render once; throws what `lookAtRender` throws when it will not finish or cannot be read. */
export const handler = stepHandler<GetRenderProgressInput, RenderProgressReport>(
  'GetRenderProgress',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render }) => {
    const report = progressReport(render, await lookAtRender(s3, deployment, render), Date.now());
    const { progressInPercent, costInUsd, secondsUntilNextLook } = report;
    logger.info('Render progress', { progressInPercent, costInUsd, secondsUntilNextLook });
    return report;
  },
);
