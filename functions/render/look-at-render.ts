import type { S3Client } from '@aws-sdk/client-s3';
import { type GetRenderProgressInput, getRenderProgress } from '@remotion/lambda/client';
import type { StartedRender } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { traced } from '../runtime/step-handler.ts';
import { trimmed } from '../runtime/trimmed.ts';
import { findOutput } from './find-render.ts';
import { isOverdue, whyLost } from './lost-render.ts';
import type { RemotionDeployment } from './remotion-deployment.ts';
import { remotionFunctionTimeoutInMs } from './remotion-function-name.ts';
import { finishedBy, type RemotionProgress } from './remotion-progress.ts';
import { spentOn } from './render-budget.ts';
import type { KnownRender } from './render-claims.ts';

/** What has become of a known render. `queued`: it has not begun for longer than its function may run. */
export type RenderFate = 'running' | 'queued' | 'finished' | 'dead';

/** What an execution that wants a job needs to know of the render that the job has. */
export interface LastLook {
  readonly fate: RenderFate;
  /** With renders before it that were throttled. @default - cannot be read */
  readonly costInUsd?: number;
}

/** What stands for the world around a look, for the benches. */
export interface LookSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Gets the progress before it is judged. */
  readonly onProgress?: (progress: RemotionProgress) => void;
  /** What Remotion's client sends its requests with. Default: the SDK's own. */
  readonly requestHandler?: NonNullable<GetRenderProgressInput['requestHandler']>;
}

/**
 * Looks at a render once, without invoking the Remotion function.
 *
 * @throws WorkflowError `RenderFailed`, `RenderCancelled` or `RenderTimedOut` when it will not finish;
 * `RenderThrottled` when Lambda had no capacity for one of its functions;
 * `RenderOverBudget` when it has cost more than it may and is not finished;
 * `RenderProgressUnavailable` when its progress cannot be read.
 */
export async function lookAtRender(
  s3: S3Client,
  deployment: RemotionDeployment,
  render: KnownRender & Pick<StartedRender, 'launchBy'>,
  { now, onProgress, requestHandler }: LookSurroundings = { now: () => Date.now() },
): Promise<RemotionProgress> {
  const { region, bucketName } = deployment;
  const { renderId, functionName = deployment.functionName } = render;
  try {
    const progress = await traced('getRenderProgress', () =>
      getRenderProgress({
        region,
        functionName,
        bucketName,
        renderId,
        skipLambdaInvocation: true,
        ...(requestHandler && { requestHandler }),
      }),
    );
    onProgress?.(progress);
    const lost = whyLost(render, progress, remotionFunctionTimeoutInMs(functionName), now());
    if (!lost) return progress;
    // Finished renders have been reported as timed out: https://github.com/remotion-dev/remotion/issues/7854
    const output = await findOutput(s3, bucketName, renderId);
    if (!output) throw lost;
    return finishedBy(progress, { bucket: bucketName, ...output }, render, now());
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    const { name, message } = error as Error;
    throw new WorkflowError(
      'RenderProgressUnavailable',
      `Cannot read the progress of render ${renderId} in s3://${bucketName}/renders/: ${name}: ${trimmed(message)}`,
      { cause: error },
    );
  }
}

/**
 * What has become of a render, for an execution that wants to join it. One that cannot be read may be running, and
 * so may one that has cost too much: it is over when it has stopped.
 */
export async function fateOf(
  s3: S3Client,
  deployment: RemotionDeployment,
  { maxCostInUsd: _, ...render }: KnownRender,
): Promise<LastLook> {
  let cost: { costInUsd: number } | undefined;
  const onProgress = (progress: RemotionProgress) => {
    cost = { costInUsd: spentOn(render, progress) };
  };
  const patient = { ...render, launchBy: Number.POSITIVE_INFINITY };
  try {
    const progress = await lookAtRender(s3, deployment, patient, { now: () => Date.now(), onProgress });
    if (progress.done) return { fate: 'finished', ...cost };
    const timeout = remotionFunctionTimeoutInMs(render.functionName ?? deployment.functionName);
    return { fate: isOverdue(render, progress, timeout, Date.now()) ? 'queued' : 'running', ...cost };
  } catch (error) {
    const isUnknown = (error as Error).name === 'RenderProgressUnavailable';
    return { fate: isUnknown ? 'running' : 'dead', ...cost };
  }
}
