import { type AwsRegion, getRenderProgress } from '@remotion/lambda/client';
import type { GetRenderProgressInput, RenderProgressReport } from '../statemachine/contract.ts';
import { WorkflowError } from '../statemachine/errors.ts';
import { requireEnvironment } from './shared/environment.ts';
import { whyLost } from './shared/lost-render.ts';
import { progressReport } from './shared/progress-report.ts';
import { remotionFunctionTimeoutInMs } from './shared/remotion-function-name.ts';
import { logger, stepHandler, traced } from './shared/step-handler.ts';
import { trimmed } from './shared/trimmed.ts';

const environment = requireEnvironment('AWS_REGION', 'REMOTION_FUNCTION_NAME');
const functionTimeoutInMs = remotionFunctionTimeoutInMs(environment.REMOTION_FUNCTION_NAME);

/** Looks at a render once; throws `RenderFailed` or `RenderTimedOut` when it will not finish. */
export const handler = stepHandler<GetRenderProgressInput, RenderProgressReport>(
  'GetRenderProgress',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render }) => {
    const progress = await traced('getRenderProgress', () =>
      getRenderProgress({
        region: environment.AWS_REGION as AwsRegion,
        functionName: environment.REMOTION_FUNCTION_NAME,
        bucketName: render.bucketName,
        renderId: render.renderId,
        skipLambdaInvocation: true,
      }),
    ).catch((error: Error) => {
      throw new WorkflowError(
        'RenderProgressUnavailable',
        `Cannot read the progress of render ${render.renderId} in s3://${render.bucketName}/renders/: ${error.name}: ${trimmed(error.message)}`,
        { cause: error },
      );
    });
    const lost = whyLost(render, progress, functionTimeoutInMs, Date.now());
    if (lost) throw lost;
    const report = progressReport(render, progress, Date.now());
    logger.info('Render progress', {
      progressInPercent: report.progressInPercent,
      costInUsd: report.costInUsd,
      secondsUntilNextLook: report.secondsUntilNextLook,
    });
    return report;
  },
);
