import { type HistoryEvent, MAX_HISTORY_EVENTS } from './history.ts';
import type { Position } from './run.ts';

/** For so long after its end an execution can be redriven. */
const REDRIVABLE_PERIOD_IN_MS = 14 * 24 * 60 * 60 * 1000;

/** What counts of an execution. */
interface Ended {
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly stopDate: number | undefined;
  readonly events: readonly HistoryEvent[];
}

/**
 * Why an execution cannot be redriven, in AWS's words where AWS has any; undefined if it can.
 * @param now milliseconds since 1970
 * @param position where its main line of states ended
 */
export function whyNotRedrivable(
  { status, stopDate, events }: Ended,
  now: number,
  position: Position | undefined,
): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (events.length >= MAX_HISTORY_EVENTS - 1) return 'Execution history event limit exceeded';
  if (stopDate !== undefined && now - stopDate > REDRIVABLE_PERIOD_IN_MS)
    return 'Execution redrivable period exceeded';
  return whyNotFrom(position);
}

/** Why a redrive cannot go on from there. */
function whyNotFrom(position: Position | undefined): string | undefined {
  const { name, entry, mapRun, lanes } = position ?? {};
  if (mapRun) return undefined;
  if (lanes) {
    const open = lanes.filter(({ output }) => output === undefined);
    return open.map(({ branch }) => whyNotFrom(branch.position)).find((why) => why !== undefined);
  }
  // AWS goes on with those iterations alone that did not succeed.
  if (entry?.type === 'Map')
    return `Redrive from a Map state is not supported on one machine (state '${name}')`;
  return undefined;
}

/**
 * Where a redrive goes on: a Fail state is entered again, and what was too large makes a new Map Run.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
 * @param error of the execution that ended
 */
export function redrivePosition(
  position: Position | undefined,
  error: string | undefined,
): Position | undefined {
  if (position?.entry?.type === 'Fail') return { ...position, entry: undefined };
  return position?.mapRun && error === 'States.DataLimitExceeded'
    ? { ...position, mapRun: undefined }
    : position;
}

/** What counts of an execution's redrivability. */
interface Redrivable {
  readonly notRedrivableReason: string | undefined;
  /** Of an execution of a Map Run. */
  readonly partOf: object | undefined;
}

/** As the API names it: the executions of a Map Run are redriven by that. */
export function redriveStatus({ notRedrivableReason, partOf }: Redrivable): string {
  if (notRedrivableReason !== undefined) return 'NOT_REDRIVABLE';
  return partOf ? 'REDRIVABLE_BY_MAP_RUN' : 'REDRIVABLE';
}
