import type { S3Client } from '@aws-sdk/client-s3';
import { getRenderProgress, type GetRenderProgressInput as RemotionInput } from '@remotion/lambda/client';
import type { StartedRender } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { findOutput } from './find-render.ts';
import { whyLost } from './lost-render.ts';
import { finishedBy, type RemotionProgress } from './progress-report.ts';
import type { RemotionDeployment } from './remotion-deployment.ts';
import { remotionFunctionTimeoutInMs } from './remotion-function-name.ts';
import { trimmed } from './trimmed.ts';

export interface ReadProgressOptions {
  readonly render: StartedRender;
  readonly deployment: RemotionDeployment;
  readonly s3: S3Client;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What Remotion's client sends its requests with. Default: the SDK's own. */
  readonly requestHandler?: NonNullable<RemotionInput['requestHandler']>;
}

/**
 * Reads the progress of a render, without invoking Remotion's function.
 *
 * @throws WorkflowError `RenderFailed`, `RenderCancelled` or `RenderTimedOut` when the render will not finish,
 * `RenderProgressUnavailable` when its progress cannot be read.
 */
export async function readProgress(options: ReadProgressOptions): Promise<RemotionProgress> {
  const { render, deployment } = options;
  try {
    return await read(options);
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    const { name, message } = error as Error;
    throw new WorkflowError(
      'RenderProgressUnavailable',
      `Cannot read the progress of render ${render.renderId} in s3://${deployment.bucketName}/renders/: ${name}: ${trimmed(message)}`,
      { cause: error },
    );
  }
}

async function read(options: ReadProgressOptions): Promise<RemotionProgress> {
  const { render, deployment, s3, now, requestHandler } = options;
  const { bucketName, functionName } = deployment;
  const { renderId } = render;
  const progress = await getRenderProgress({
    ...deployment,
    renderId,
    skipLambdaInvocation: true,
    ...(requestHandler && { requestHandler }),
  });
  const lost = whyLost(render, progress, remotionFunctionTimeoutInMs(functionName), now());
  if (!lost) return progress;
  // Finished renders have been reported as timed out: https://github.com/remotion-dev/remotion/issues/7854
  const output = await findOutput(s3, bucketName, renderId);
  if (!output) throw lost;
  return finishedBy(progress, { bucket: bucketName, ...output }, render, now());
}
