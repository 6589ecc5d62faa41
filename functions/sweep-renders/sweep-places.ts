import type { Turns } from '../turns/turns.ts';
import { type Executions, isLongOver, type SweptExecution, YOUNG_IN_MS } from './executions.ts';

/**
 * Looks at the places whose executions have ended: takes those back whose render is certainly over, and has the others
 * cancelled first, which takes them back then.
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
  let found = 0;
  for (const { executionArn, ticket, since } of await turns.places()) {
    if (running.has(executionArn)) continue;
    const execution = await executions.describe(executionArn);
    if (execution?.status === 'RUNNING' || (!execution && Date.now() - since < YOUNG_IN_MS)) continue;
    if (!execution || execution.status === 'SUCCEEDED') over.add(ticket);
    else await cancel(execution);
    if (isLongOver(execution)) found += 1;
  }
  await turns.handOut(({ ticket }) => over.has(ticket));
  return found;
}
