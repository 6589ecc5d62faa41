import type { CancelRenderInput, FailureReport } from '../../statemachine/contract.ts';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { contextSchema, jobIdSchema } from '../../statemachine/render-request-schema.ts';
import { readRemotionDeployment } from '../render/remotion-deployment.ts';
import { RenderClaims } from '../render/render-claims.ts';
import { requestedBy } from '../render/requested-by.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, stepHandler, traced } from '../runtime/step-handler.ts';
import { readTurns } from '../turns/read-turns.ts';
import { cancelJob } from './cancel-job.ts';
import type { ExecutionStatusChange } from './cancelled-event.ts';
import { costOfRender } from './cost-of-render.ts';
import { reportFailure } from './failure-report.ts';
import { measureEnd } from './measure-end.ts';
import { publishCancelled } from './publish-cancelled.ts';

const deployment = readRemotionDeployment();
const { EVENT_BUS_ARN: eventBusArn, JOBS_PREFIX } = requireEnvironment('EVENT_BUS_ARN', 'JOBS_PREFIX');
const s3 = shortCallsS3Client();
const claims = new RenderClaims(s3, deployment.bucketName, JOBS_PREFIX);
const turns = readTurns(s3, deployment.bucketName);

/**
 * Sees to it that nothing of a failed or stopped execution goes on rendering, and on the failure path says what
 * the execution ends with. Cancelling twice, or what has already ended, is success. Of an execution that was stopped
 * or has timed out it publishes `Render Cancelled`, which the machine itself cannot.
 */
export const handler = stepHandler<CancelRenderInput | ExecutionStatusChange, FailureReport | undefined>(
  'CancelRender',
  (input) => {
    const { jobId } = hasInput(input) ? jobOf(input) : {};
    return { jobId, executionArn: 'detail' in input ? input.detail.executionArn : input.executionArn };
  },
  async (given) => {
    const input = hasInput(given) ? given : await withInput(given);
    const { jobId, context, ...job } = jobOf(input);
    const validJobId = jobIdSchema.safeParse(jobId).data;
    const outcome =
      validJobId === undefined
        ? 'NothingStarted'
        : await cancelJob({ s3, claims, deployment, jobId: validJobId, ...job });
    logger.info('Render cancelled', { outcome });
    // Only now: what is cancelled counts as ended.
    await turns?.quietly(() => turns.leave(job.executionArn));
    if (!('detail' in input)) {
      const costInUsd = (input.render && (await costOfRender(deployment, input.render))) ?? input.costInUsd;
      return reportFailure({ ...input, costInUsd }, jobId, context, outcome);
    }
    const { detail: change } = input;
    if (input !== given) await keepMessageOf(input);
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

type Input = CancelRenderInput | ExecutionStatusChange;

const jobOf = (input: Input) => ('detail' in input ? stoppedJob(input) : failedJob(input));

/**
 * Whether the input has that of the execution. EventBridge leaves it out where it is too large, and, with error and
 * cause, where the executions are encrypted with a customer's key; the machine, where it could make this input too
 * large. Source: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
 */
function hasInput(input: Input): boolean {
  if ('detail' in input) return typeof input.detail.input === 'string';
  return input.inputLeftOut !== true;
}

async function withInput(given: Input): Promise<Input> {
  const { describeExecution } = await import('./describe-execution.ts');
  const executionArn = 'detail' in given ? given.detail.executionArn : given.executionArn;
  const described = await traced('DescribeExecution', () => describeExecution(executionArn));
  if ('detail' in given) return { ...given, detail: { ...given.detail, ...described } };
  return { ...given, input: JSON.parse(described.input) };
}

/** The rule that keeps failed messages goes by the input of the event, which this one did not have. */
async function keepMessageOf(event: ExecutionStatusChange): Promise<void> {
  const { RENDER_QUEUE_ARN: queueArn, RENDER_QUEUE_DEAD_LETTERS_URL: url } = process.env;
  if (!queueArn || !url || event.detail.status === 'ABORTED') return;
  if (!event.detail.input?.includes(queueArn)) return;
  const { keepMessage } = await import('./keep-message.ts');
  await traced('SendMessage', () => keepMessage(url, event));
}

function stoppedJob({ detail }: ExecutionStatusChange) {
  const { jobId, request } = readRequest(JSON.parse(detail.input ?? '{}'), detail.name);
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
