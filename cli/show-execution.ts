import type { FailureCause, RenderResult } from '../statemachine/contract.ts';
import type { ExecutionEnd, ExecutionUpdate } from './follow-execution.ts';
import { describeSecondsLeft } from './time-left.ts';

/** Widest bar, and what a line has beside its bar; in characters. */
const BAR_WIDTH = 24;
const BESIDE_BAR = 70;

/**
 * One line: the state, and once the render has begun a bar with frames and cost.
 *
 * @param columns Characters that the line may have.
 */
export function describeUpdate({ state, progress }: ExecutionUpdate, columns = Infinity): string {
  if (progress === undefined) return state ?? 'Starting';
  const { progressInPercent, framesRendered, framesTotal, costInUsd } = progress;
  const width = Math.max(6, Math.min(BAR_WIDTH, columns - BESIDE_BAR));
  const filled = Math.round((progressInPercent / 100) * width);
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
  const percent = `${Math.round(progressInPercent)} %`.padStart(5);
  return `${(state ?? '').padEnd(17)} ${bar} ${percent}  ${framesRendered}/${framesTotal ?? '?'} frames  ${usd(costInUsd)}`;
}

/** What goes behind that line in a terminal: the time that is left, or that nothing has been heard. */
export function describeAside({ secondsLeft, unanswered, place }: ExecutionUpdate): string {
  if (unanswered) return 'no answer, trying again';
  if (place !== undefined) return place;
  return secondsLeft === undefined ? '' : describeSecondsLeft(secondsLeft);
}

/** What a person needs to know about a finished execution. */
export function describeResult(result: RenderResult, end: ExecutionEnd): string {
  const megabytes = (result.sizeInBytes / 1_000_000).toFixed(2);
  return [
    `${result.framesRendered} frames, ${megabytes} MB, in ${(end.durationInMs / 1000).toFixed(1)} s, ${end.stateTransitions} state transitions, about ${usd(result.costInUsd)} on AWS`,
    `Delivered to ${result.s3Uri}`,
  ].join('\n  ');
}

/** Name, message and remedy of an execution that did not succeed. */
export function describeFailure({ status, error, cause = '' }: ExecutionEnd): string {
  const { message, remedy, logsUrl } = readCause(cause);
  const lines = [
    error ?? status,
    message,
    ...(logsUrl ? [`Logs: ${logsUrl}`] : []),
    ...(remedy ? [`What to do: ${remedy}`] : []),
  ];
  return lines.join('\n').trim().replaceAll('\n', '\n  ');
}

/** The workflow's cause is JSON; that of a stopped execution is whatever was said. */
function readCause(cause: string): Partial<FailureCause> {
  try {
    return JSON.parse(cause);
  } catch {
    return { message: cause };
  }
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`;
}
