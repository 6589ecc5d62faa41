import type { FailureCause, RenderRequest } from '../../statemachine/contract.ts';
import { readRequest } from '../../statemachine/read-request.ts';
import { deliveredFiles } from './delivered-files.ts';
import type { RenderFeed } from './render-feed.ts';
import { parse, type Visit } from './render-story.ts';

/**
 * What the page shows of an execution, without the inputs and outputs of its states, which it asks for one by one.
 *
 * @param told How many visits, from the first on, the page knows already as they are.
 */
export function renderMessage({ execution, story, watch, trouble }: RenderFeed, told: number): object {
  const { visits, publications, redriven } = story;
  const { state, progress, secondsLeft } = watch.update;
  return {
    ...(execution && describe(execution)),
    ...(trouble && { trouble }),
    state,
    progress,
    secondsLeft,
    told,
    visits: visits.slice(told).map(withoutData),
    publications,
    redriven,
  };
}

function describe(execution: NonNullable<RenderFeed['execution']>): object {
  const { executionArn, name = '', status, startDate, stopDate, error, cause, redriveStatus } = execution;
  const { request, jobId } = readRequest(parse(execution.input), name);
  const { composition, codec, serveUrl } = (request as Partial<RenderRequest> | null)?.render ?? {};
  const output = parse(execution.output);
  return {
    executionArn,
    name,
    status,
    startedAt: startDate?.getTime(),
    stoppedAt: stopDate?.getTime(),
    jobId,
    composition,
    codec,
    serveUrl,
    ...(output !== undefined && { output }),
    files: deliveredFiles(output),
    ...(error && { error }),
    ...(cause && { cause: readCause(cause) }),
    canBeRedriven: redriveStatus === 'REDRIVABLE',
  };
}

/** The workflow's cause is JSON; that of a stopped execution is whatever was said. */
function readCause(cause: string): Partial<FailureCause> {
  const read = parse(cause);
  return typeof read === 'object' && read !== null ? read : { message: cause };
}

function withoutData({ input: _input, output: _output, attempts, ...visit }: Visit): object {
  return { ...visit, attempts: attempts.map(({ cause: _cause, ...attempt }) => attempt) };
}
