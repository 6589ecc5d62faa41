import type { CancelRenderInput, FailureReport } from '../../statemachine/contract.ts';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { contextSchema, jobIdSchema } from '../../statemachine/render-request-schema.ts';
import { readRemotionDeployment } from '../render/remotion-deployment.ts';
import { RenderClaims } from '../render/render-claims.ts';
import { requestedBy } from '../render/requested-by.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, stepHandler } from '../runtime/step-handler.ts';
import { cancelJob } from './cancel-job.ts';
import type { ExecutionStatusChange } from './cancelled-event.ts';
import { reportFailure } from './failure-report.ts';
import { measureEnd } from './measure-end.ts';
import { publishCancelled } from './publish-cancelled.ts';

const deployment = readRemotionDeployment();
const { EVENT_BUS_ARN: eventBusArn, JOBS_PREFIX } = requireEnvironment('EVENT_BUS_ARN', 'JOBS_PREFIX');
const s3 = shortCallsS3Client();
const claims = new RenderClaims(s3, deployment.bucketName, JOBS_PREFIX);

/**
 * Sees to it that nothing of a failed or stopped execution goes on rendering, and on the failure path says what
 * the execution ends with. Cancelling twice, or what has already ended, is success. Of an execution that was stopped
 * or has timed out it publishes `Render Cancelled`, which the machine itself cannot.
 */
export const handler = stepHandler<CancelRenderInput | ExecutionStatusChange, FailureReport | undefined>(
  'CancelRender',
  (input) => {
    const { jobId, executionArn } = 'detail' in input ? stoppedJob(input) : failedJob(input);
    return { jobId, executionArn };
  },
  async (input) => {
    const { jobId, context, ...job } = 'detail' in input ? stoppedJob(input) : failedJob(input);
    const validJobId = jobIdSchema.safeParse(jobId).data;
    const outcome =
      validJobId === undefined
        ? 'NothingStarted'
        : await cancelJob({ s3, claims, deployment, jobId: validJobId, ...job });
    logger.info('Render cancelled', { outcome });
    if (!('detail' in input)) return reportFailure(input, jobId, context, outcome);
    const { detail: change } = input;
    measureEnd(change, outcome);
    if (change.status !== 'FAILED')
      await publishCancelled({
        claims,
        deployment,
        eventBusArn,
        change,
        jobId: validJobId,
        context,
        outcome,
      });
    return undefined;
  },
);

function stoppedJob({ detail }: ExecutionStatusChange) {
  if (detail.input === null)
    throw new Error(`The input of ${detail.executionArn} is too large for the event.`);
  const { jobId, request } = readRequest(JSON.parse(detail.input), detail.name);
  // A failed execution starts nothing any more, and its own failure path has come first.
  return {
    jobId,
    context: contextOf(request),
    executionArn: detail.executionArn,
    request: detail.status === 'FAILED' ? undefined : request,
  };
}

function failedJob(input: CancelRenderInput) {
  const { executionArn, render, throttledRenderId, failure } = input;
  const { step, error } = failure;
  const { jobId, request } = requestedBy(input);
  // Of a StartRender that did not answer, an invocation may still be under way.
  const mayStillStart = step === 'StartRender' && !(error in WORKFLOW_ERRORS);
  // After a render that has ended the claim alone knows whether there is another one.
  const isOver = render?.joined || render?.renderId === throttledRenderId;
  const renderId = isOver ? undefined : render?.renderId;
  return {
    jobId,
    context: contextOf(request),
    executionArn,
    renderId,
    error,
    request: mayStillStart ? request : undefined,
  };
}

function contextOf(request: unknown): Record<string, string> | null {
  return contextSchema.safeParse((request as { context?: unknown } | undefined)?.context).data ?? null;
}
