import { type Check, ok, warn } from '../check.ts';
import { readObject } from '../read-object.ts';
import { findWaitingRenders } from '../waiting-renders.ts';
import type { WorkflowFacts } from '../workflow-facts.ts';

/** The sweep comes every five minutes, or every minute. */
const SWEPT_WITHIN_IN_MS = 15 * 60_000;

/** Whoever frees a place calls the next at once, and the sweep those whom nobody has called. */
const CALLED_WITHIN_IN_MS = 10 * 60_000;

const TO_SWEEP =
  'See why in the log of SweepRenders, and whether its rule is enabled: docs/operations.md#turns.';

/** The line of renders that wait, and what puts right what was left behind. */
export const turnChecks: readonly Check[] = [
  {
    name: 'turns',
    about:
      'With `maxConcurrentRenders`: nobody waits for longer than its request allows, or beside a free place, and no place is held by an execution that has ended.',
    permissions: ['s3:ListBucket', 's3:GetObject', 'states:DescribeExecution'],
    async run(facts) {
      const { maxConcurrentRenders: limit } = await facts.settings();
      if (limit === undefined) return ok('renders have no limit, and none waits');
      const { places, waiting, oldest = Date.now(), late, held } = await findWaitingRenders(facts);
      if (held.length > 0)
        return warn(
          `places held by executions that have ended: ${held.slice(0, 3).join(', ')}${held.length > 3 ? ` and ${held.length - 3} more` : ''}`,
          TO_SWEEP,
        );
      if (late > 0) return warn(`${late} wait for longer than their requests allow`, TO_SWEEP);
      const waited = Date.now() - oldest;
      if (waiting > 0 && places < limit && waited > CALLED_WITHIN_IN_MS)
        return warn(`${waiting} wait, and only ${places} of ${limit} places are taken`, TO_SWEEP);
      const line = waiting === 0 ? 'none waits' : `${waiting} wait, the first for ${minutes(waited)}`;
      return ok(`${places} of ${limit} places taken, ${line}`);
    },
  },
  {
    name: 'sweep',
    about: 'What no event told is found: SweepRenders has run within a quarter of an hour.',
    permissions: ['s3:GetObject'],
    async run(facts) {
      const { turnsPrefix } = await facts.settings();
      const last = await readObject(facts, `${turnsPrefix}last-sweep.json`);
      const since = last ? (JSON.parse(last.text) as { at: number }).at : await creationOf(facts);
      const ago = Date.now() - since;
      if (ago > SWEPT_WITHIN_IN_MS)
        return warn(
          last ? `the last was ${minutes(ago)} ago` : 'it has never run',
          `Renders of stopped executions may go on. ${TO_SWEEP}`,
        );
      return ok(
        last ? `the last was ${minutes(ago)} ago` : 'the first comes within minutes of the deployment',
      );
    },
  },
];

async function creationOf(facts: WorkflowFacts): Promise<number> {
  return (await facts.machine()).creationDate?.getTime() ?? 0;
}

function minutes(milliseconds: number): string {
  const whole = Math.round(milliseconds / 60_000);
  return whole === 1 ? '1 minute' : `${whole} minutes`;
}
