import type { FailureCause, RenderRequest } from '../../statemachine/contract.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { deliveredFiles } from './delivered-files.ts';
import type { ExecutionFeed } from './execution-feed.ts';
import { executionMessage } from './execution-message.ts';
import { parse } from './execution-story.ts';

/** What the page shows of a render; as `executionMessage`. */
export function renderMessage(feed: ExecutionFeed, told: number): object {
  const { state, progress, secondsLeft } = feed.watch.update;
  return {
    ...executionMessage(feed, told),
    ...(feed.execution && describe(feed.execution)),
    state,
    progress,
    secondsLeft,
  };
}

function describe(execution: NonNullable<ExecutionFeed['execution']>): object {
  const { name = '', cause } = execution;
  const { request, jobId } = readRequest(parse(execution.input), name);
  const { render, context } = (request ?? {}) as Partial<RenderRequest>;
  const { composition, codec, serveUrl } = render ?? {};
  const output = parse(execution.output);
  return {
    jobId,
    composition,
    codec,
    serveUrl,
    ...(context?.batchId && context.row && { batchId: context.batchId, row: context.row }),
    ...(output !== undefined && { output }),
    files: deliveredFiles(output),
    ...(cause && { cause: readCause(cause) }),
  };
}

/** The workflow's cause is JSON; that of a stopped execution is whatever was said. */
function readCause(cause: string): Partial<FailureCause> {
  const read = parse(cause);
  return typeof read === 'object' && read !== null ? read : { message: cause };
}
