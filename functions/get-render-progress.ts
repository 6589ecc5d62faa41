import { getRenderProgress } from '@remotion/lambda/client';
import type { GetRenderProgressInput, RenderProgressReport } from '../statemachine/contract.ts';
import { WorkflowError } from '../statemachine/errors.ts';
import { findOutput } from './shared/find-render.ts';
import { whyLost } from './shared/lost-render.ts';
import { finishedBy, progressReport } from './shared/progress-report.ts';
import { readRemotionDeployment } from './shared/remotion-deployment.ts';
import { remotionFunctionTimeoutInMs } from './shared/remotion-function-name.ts';
import { shortCallsS3Client } from './shared/s3-client.ts';
import { logger, stepHandler, traced } from './shared/step-handler.ts';
import { trimmed } from './shared/trimmed.ts';

const { region, functionName, bucketName } = readRemotionDeployment();
const functionTimeoutInMs = remotionFunctionTimeoutInMs(functionName);
const s3 = shortCallsS3Client();

/** Looks at a render once; throws `RenderFailed`, `RenderCancelled` or `RenderTimedOut` when it will not finish. */
export const handler = stepHandler<GetRenderProgressInput, RenderProgressReport>(
  'GetRenderProgress',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render }) => {
    const { renderId } = render;
    const report = await lookAt(render).catch((error: Error) => {
      if (error instanceof WorkflowError) throw error;
      throw new WorkflowError(
        'RenderProgressUnavailable',
        `Cannot read the progress of render ${renderId} in s3://${bucketName}/renders/: ${error.name}: ${trimmed(error.message)}`,
        { cause: error },
      );
    });
    const { progressInPercent, costInUsd, secondsUntilNextLook } = report;
    logger.info('Render progress', { progressInPercent, costInUsd, secondsUntilNextLook });
    return report;
  },
);

async function lookAt(render: GetRenderProgressInput['render']): Promise<RenderProgressReport> {
  const { renderId } = render;
  const progress = await traced('getRenderProgress', () =>
    getRenderProgress({ region, functionName, bucketName, renderId, skipLambdaInvocation: true }),
  );
  const lost = whyLost(render, progress, functionTimeoutInMs, Date.now());
  if (!lost) return progressReport(render, progress, Date.now());
  // Finished renders have been reported as timed out: https://github.com/remotion-dev/remotion/issues/7854
  const output = await findOutput(s3, bucketName, renderId);
  if (!output) throw lost;
  return progressReport(
    render,
    finishedBy(progress, { bucket: bucketName, ...output }, render, Date.now()),
    Date.now(),
  );
}
