import type { RenderOrigin } from '../../functions/render/render-token.ts';
import { remotionError, remotionProgress, STARTED_AT } from './remotion-progress.ts';
import { execution, JOBS_PREFIX, loadSteps, render } from './steps.ts';

export const CLAIM = `${JOBS_PREFIX}order-4711.json`;

/** The job order-4711 and what can happen to it, over `loadSteps`. */
export async function loadJob(environment: Record<string, string> = {}) {
  const steps = await loadSteps(environment);
  const { startRender, cancelRender, bucket, clock, renderMediaOnLambda, getRenderProgress } = steps;

  const start = (name: string, request: object = { render }, throttledRenderId: string | null = null) =>
    startRender({
      throttledRenderId,
      jobId: 'order-4711',
      request,
      executionArn: execution(name),
      enteredAt: '2026-01-01T12:00:00Z',
    });

  /** Remotion has the render, with the token that came with it, in its progress. */
  function writeProgress(renderId: string, origin: RenderOrigin | undefined, startedDate = clock.now): void {
    bucket.put({
      Key: `renders/${renderId}/progress.json`,
      Body: JSON.stringify({ renderMetadata: origin && { startedDate, ...origin } }),
    });
  }
  const loseTheAnswer = (effect: (origin: RenderOrigin) => void = () => {}) =>
    renderMediaOnLambda.mockImplementationOnce(async ({ downloadBehavior, requestHandler }) => {
      requestHandler.invoked = true;
      effect({ downloadBehavior });
      throw Object.assign(new Error('socket hang up'), { $metadata: {} });
    });

  function failed(
    name: string,
    error: string,
    renderId: string | null = 'render-1',
    cause = '',
    throttledRenderId: string | null = null,
  ) {
    return cancelRender({
      throttledRenderId,
      jobId: 'order-4711',
      executionArn: execution(name),
      render: renderId === null ? null : ({ renderId, logsUrl: 'https://logs.example' } as never),
      request: { render, context: { tenant: 'acme' } },
      failure: { step: 'StartRender', error, cause },
    });
  }
  /** Remotion has ended the first render without a video. */
  const firstRenderDies = (how: Parameters<typeof remotionError>[0] = {}) =>
    getRenderProgress.mockImplementation(async ({ renderId }) =>
      remotionProgress({ errors: renderId === 'render-1' ? [remotionError(how)] : [] }),
    );
  const stopped = (
    name: string,
    request: unknown = { jobId: 'order-4711', render },
    status: 'ABORTED' | 'TIMED_OUT' | 'FAILED' = 'ABORTED',
  ) =>
    cancelRender({
      'detail-type': 'Step Functions Execution Status Change',
      detail: {
        executionArn: execution(name),
        name,
        status,
        input: JSON.stringify(request),
        startDate: STARTED_AT,
        stopDate: STARTED_AT + 60_000,
      },
    });

  return { ...steps, start, failed, stopped, writeProgress, loseTheAnswer, firstRenderDies };
}
