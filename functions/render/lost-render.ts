import type { StartedRender } from '../../statemachine/contract.ts';
import { FAILS_AGAIN, WorkflowError } from '../../statemachine/errors.ts';
import { trimmed } from '../runtime/trimmed.ts';
import { meaningOf, withoutQuotes } from './answer-meaning.ts';
import type { RemotionProgress } from './remotion-progress.ts';
import { overBudget } from './render-budget.ts';
import type { KnownRender } from './render-claims.ts';

/** Clocks disagree, and Remotion itself allows for 20 seconds. */
const MARGIN_IN_MS = 30_000;

/**
 * Says why a render will not finish, or nothing while it may.
 *
 * @param functionTimeoutInMs The Remotion function's timeout. Until Remotion has read the composition it cannot
 * tell a timeout, and after twice the timeout no function of the render can still be running.
 */
export function whyLost(
  render: KnownRender & Pick<StartedRender, 'launchBy'>,
  progress: RemotionProgress,
  functionTimeoutInMs: number,
  now: number,
): WorkflowError | undefined {
  if (progress.done) return undefined;
  const fatals = fatalErrors(progress);
  // A render that fails cancels its own functions, and some of them may say so first.
  const fatal = fatals.find((error) => !isCancellation(error));
  if (fatal) return describeFatal(render, fatal);
  // Another execution of the job may have cancelled it for the same reason.
  const expensive = overBudget(render, progress);
  if (expensive) return expensive;
  if (fatals.length > 0)
    return new WorkflowError('RenderCancelled', `Render ${render.renderId} was cancelled.`);
  if (!hasBegun(progress)) {
    const isOver = isOverdue(render, progress, functionTimeoutInMs, now) && now > (render.launchBy ?? 0);
    return isOver ? notBegun(render, now) : undefined;
  }
  const elapsed = now - Math.max(render.startedAt, progress.functionLaunched ?? 0);
  if (progress.renderMetadata === null && elapsed > functionTimeoutInMs + MARGIN_IN_MS) {
    return timedOut(render, `The render did not get going within ${seconds(elapsed)}.`);
  }
  if (elapsed > 2 * functionTimeoutInMs + MARGIN_IN_MS) {
    return timedOut(
      render,
      `The render is at ${Math.floor(progress.overallProgress * 100)} % after ${seconds(elapsed)}, twice the time that its function has.`,
    );
  }
  return undefined;
}

/**
 * Whether a render has not begun for longer than its function may run. Its start writes the first progress; the
 * function, which Lambda keeps in a queue while it has no capacity for it, writes the next when it has opened the site.
 */
export function isOverdue(
  render: KnownRender,
  progress: RemotionProgress,
  functionTimeoutInMs: number,
  now: number,
): boolean {
  return !hasBegun(progress) && now - render.startedAt > functionTimeoutInMs + MARGIN_IN_MS;
}

function hasBegun({ serveUrlOpened, renderMetadata }: RemotionProgress): boolean {
  return serveUrlOpened !== null || renderMetadata !== null;
}

function notBegun({ renderId, startedAt }: KnownRender, now: number): WorkflowError {
  return new WorkflowError(
    'RenderThrottled',
    `Render ${renderId}: Remotion's function has not begun within ${seconds(now - startedAt)}. Lambda had no capacity for it, or it died before it could say anything; then its logs say why.`,
  );
}

/** Whether a render is over, and not only given up: of one that has not begun nobody knows. */
export function hasEnded(progress: RemotionProgress): boolean {
  return progress.done || fatalErrors(progress).length > 0;
}

function fatalErrors({ errors }: RemotionProgress): RemotionProgress['errors'] {
  return errors.filter((error) => error.isFatal && !error.willRetry);
}

function isCancellation({ name, message }: RemotionProgress['errors'][number]): boolean {
  return name === 'CancelledError' || message.includes('got cancelled');
}

function describeFatal(render: KnownRender, fatal: RemotionProgress['errors'][number]): WorkflowError {
  // Remotion makes this error up when the function's time has passed.
  if (fatal.name === 'TimeoutError' && fatal.message.startsWith('The main function timed out')) {
    return timedOut(render, trimmed(fatal.message.split('\n')[0] ?? fatal.message));
  }
  const place = [
    fatal.frame === null ? '' : ` at frame ${fatal.frame}`,
    fatal.chunk === null ? '' : ` in chunk ${fatal.chunk}`,
  ].join('');
  const explanation = fatal.explanation ? ` ${trimmed(fatal.explanation, 300)}` : '';
  const meaning = meaningOf(fatal.message);
  return new WorkflowError(
    meaning === 'noCapacity' ? 'RenderThrottled' : 'RenderFailed',
    `Render ${render.renderId} failed${place}: ${fatal.name}: ${trimmed(withoutQuotes(fatal.message))}${explanation}${meaning === 'impossible' ? ` ${FAILS_AGAIN}` : ''}`,
  );
}

function timedOut(render: KnownRender, what: string): WorkflowError {
  return new WorkflowError('RenderTimedOut', `Render ${render.renderId}: ${what}`);
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
