import type { Place } from '../turns/register.ts';
import type { Turns } from '../turns/turns.ts';
import { type Executions, isLongOver, type SweptExecution, YOUNG_IN_MS } from './executions.ts';

/** For so long whoever was called may be throttled on its way to its place, in milliseconds. */
const TAKEN_WITHIN_IN_MS = 5 * 60_000;

/**
 * Looks at the places whose executions have ended: takes those back whose render is certainly over, and has the others
 * cancelled first, which takes them back then. Takes back as well to which nobody has come: their ticket was one that
 * its execution has replaced, and who found that out has died.
 *
 * @returns How many were left behind.
 */
export async function sweepPlaces(
  turns: Turns,
  executions: Executions,
  running: ReadonlySet<string>,
  cancel: (execution: SweptExecution) => Promise<unknown>,
): Promise<number> {
  const over = new Set<string>();
  const unclaimed = new Set<string>();
  let found = 0;
  for (const { executionArn, ticket, since, takenAt } of await turns.places()) {
    if (
      takenAt === undefined &&
      Date.now() - since > TAKEN_WITHIN_IN_MS &&
      !(await turns.line.read(ticket))
    ) {
      unclaimed.add(ticket);
      found += 1;
    }
    if (running.has(executionArn)) continue;
    const execution = await executions.describe(executionArn);
    if (execution?.status === 'RUNNING' || (!execution && Date.now() - since < YOUNG_IN_MS)) continue;
    if (!execution || execution.status === 'SUCCEEDED') over.add(ticket);
    else await cancel(execution);
    if (isLongOver(execution)) found += 1;
  }
  // One that has come by now has taken its place.
  const isOver = ({ ticket, takenAt }: Place) => over.has(ticket) || (unclaimed.has(ticket) && !takenAt);
  await turns.handOut(isOver, { looksAnew: true });
  return found;
}
