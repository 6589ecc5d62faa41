import { logger } from '../runtime/step-handler.ts';
import { hashOfExecution, readTicketId } from '../turns/ticket-id.ts';
import { turnNotCome } from '../turns/turn-not-come.ts';
import type { Turns } from '../turns/turns.ts';
import { type Executions, isLongOver, YOUNG_IN_MS } from './executions.ts';

/**
 * Goes along the line: sends those away who have waited for as long as they may, and takes the tickets of executions
 * that have ended out of it.
 *
 * @returns How many tickets were left behind by nobody's fault, and who still waits.
 */
export async function sweepLine(
  turns: Turns,
  executions: Executions,
  running: ReadonlySet<string>,
): Promise<{ found: number; waiting: readonly string[] }> {
  const now = Date.now();
  const given = new Set((await turns.places()).map(({ ticket }) => ticket));
  const line = (await turns.line.all()).filter((id) => !given.has(id));
  const runningHashes = new Set([...running].map(hashOfExecution));
  const gone = new Set<string>();
  let found = 0;
  for (const [index, id] of line.entries()) {
    const { arrivedAt, giveUpAt, executionHash } = readTicketId(id);
    if (giveUpAt <= now) {
      await sendAway(turns, id, turnNotCome(index + 1, line.length, Math.round((now - arrivedAt) / 1000)));
      gone.add(id);
    } else if (!runningHashes.has(executionHash)) {
      const ticket = await turns.line.read(id);
      const execution = ticket && (await executions.describe(ticket.executionArn));
      const mayBegin = !execution && now - arrivedAt < YOUNG_IN_MS;
      if (mayBegin || execution?.status === 'RUNNING') continue;
      await turns.line.leave(id);
      gone.add(id);
      if (ticket && isLongOver(execution)) found += 1;
    }
  }
  return { found, waiting: line.filter((id) => !gone.has(id)) };
}

async function sendAway(turns: Turns, id: string, { name, message }: Error): Promise<void> {
  const ticket = await turns.line.read(id);
  if (!ticket) return;
  const { sendAway: send } = await import('../turns/call-waiting.ts');
  await send(ticket.taskToken, name, message);
  await turns.line.leave(id);
  logger.info('Sent away', { ticket: id, jobId: ticket.jobId, executionArn: ticket.executionArn });
}
