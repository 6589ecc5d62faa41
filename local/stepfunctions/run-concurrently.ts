import type { Branch, Run, Visit } from './run.ts';

/** State types that have an aborted event. */
const ABORTABLE = ['Task', 'Wait', 'Parallel', 'Map'];

/** One of several lines of states under a Parallel or a Map; a Map's lane takes one item after the other. */
export interface Lane {
  branch: Branch;
  /** Whether its states run. */
  active: boolean;
}

/** What a Map writes of an iteration that fails or is aborted. */
export interface LaneEvents {
  failed(lane: Lane): { type: string; details: object } | undefined;
  aborted(lane: Lane): { type: string; details: object } | undefined;
}

/**
 * Runs the lanes side by side until all are done. The first failure aborts the others, is recorded, and is
 * thrown; the visit's branch then goes on from the event that failed.
 */
export async function runConcurrently<L extends Lane>(
  run: Run,
  visit: Visit,
  lanes: readonly L[],
  abort: AbortController,
  events: LaneEvents,
  runLane: (lane: L) => Promise<void>,
): Promise<void> {
  let failed: { failure: unknown } | undefined;
  await Promise.all(
    lanes.map(async (lane) => {
      try {
        await runLane(lane);
      } catch (failure) {
        if (failed) return;
        failed = { failure };
        const failingEventId = lane.branch.previousEventId;
        abort.abort(new Error('another branch or iteration failed'));
        if (visit.branch.signal.aborted) return;
        recordFailure(run, visit, lane, lanes, events, failingEventId);
        visit.branch.previousEventId = failingEventId;
      } finally {
        lane.active = false;
      }
    }),
  );
  visit.branch.signal.throwIfAborted();
  if (failed) throw failed.failure;
}

/** Recorded on AWS: all of these events follow the one that failed. */
function recordFailure(
  run: Run,
  visit: Visit,
  failing: Lane,
  lanes: readonly Lane[],
  events: LaneEvents,
  failingEventId: number,
): void {
  const add = (type: string, details?: object) =>
    run.history.addBeside(visit.branch, type, details, failingEventId);
  const failed = events.failed(failing);
  if (failed) add(failed.type, failed.details);
  if (failing.branch.position?.entry?.type === 'Task') add('TaskStateAborted');
  for (const lane of lanes) {
    if (lane === failing || !lane.active) continue;
    const aborted = events.aborted(lane);
    if (aborted) add(aborted.type, aborted.details);
    for (const type of abortedEventTypes(lane.branch)) add(type);
  }
}

/** `TaskStateAborted` and the like for the state a branch is in, where its type has such an event. */
export function abortedEventTypes({ position }: Branch): string[] {
  const type = position?.entry?.type;
  if (!type || !ABORTABLE.includes(type)) return [];
  // Belief: no recording shows the end of an execution whose Map Run is under way.
  const ofMapRun = position.mapRun?.run.status === 'RUNNING' ? ['MapRunAborted'] : [];
  return [...ofMapRun, `${type}StateAborted`];
}
