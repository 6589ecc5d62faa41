import type { HistoryEvent } from '@aws-sdk/client-sfn';

type Step = readonly [type: string, details?: object, previous?: number];

/** A history, each event of which follows the one before where it does not say another. */
export function history(...steps: readonly Step[]): HistoryEvent[] {
  const start = Date.now() - 60_000;
  return steps.map(([type, details = {}, previous], index) => {
    const field = type.replace(/^(?:\w+)(State(?:Entered|Exited))$/, '$1');
    return {
      id: index + 1,
      previousEventId: previous ?? index,
      type,
      timestamp: new Date(start + index * 1_000),
      [`${field.charAt(0).toLowerCase()}${field.slice(1)}EventDetails`]: details,
    } as HistoryEvent;
  });
}

const look = {
  batchId: 'spring',
  rows: 320,
  rowsToRender: 320,
  succeeded: 200,
  failed: 10,
  unfinished: 110,
  running: 10,
  costInUsd: 1.2345,
  at: new Date().toISOString(),
};

/** Of a render that waits for its turn. */
export const waitingHistory = (ticket: string) =>
  history(
    ['ExecutionStarted'],
    ['ChoiceStateEntered', { name: 'ReadRequest' }],
    ['ChoiceStateExited', { name: 'ReadRequest' }],
    ['TaskStateEntered', { name: 'AwaitTurn', input: '{}' }],
    ['TaskScheduled', { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' }],
    [
      'TaskSubmitted',
      { resource: 'invoke.waitForTaskToken', output: JSON.stringify({ Payload: { ticket } }) },
    ],
  );

/** Of a batch in the midst of its rows. */
export const batchHistory = () =>
  history(
    ['ExecutionStarted'],
    ['TaskStateEntered', { name: 'PrepareBatch' }],
    ['TaskStateExited', { name: 'PrepareBatch', output: JSON.stringify({ rows: 320, rowsToRender: 320 }) }],
    ['ParallelStateEntered', { name: 'RunRows' }],
    ['ParallelStateStarted'],
    ['MapStateEntered', { name: 'RenderRows' }],
    ['MapStateStarted'],
    ['TaskStateEntered', { name: 'FollowBatch' }, 5],
    ['TaskStateExited', { name: 'FollowBatch', output: JSON.stringify(look) }],
    ['WaitStateEntered', { name: 'WaitForRows' }],
  );

/** Of one whose rows have not all their videos. */
export const failedBatchHistory = () => {
  const cause = JSON.stringify({ errorMessage: '10 of 320 rows have failed.' });
  return [
    ...batchHistory(),
    { id: 11, previousEventId: 10, type: 'ExecutionFailed', timestamp: new Date() },
  ].map((event) =>
    event.type === 'ExecutionFailed'
      ? { ...event, executionFailedEventDetails: { error: 'RowsFailed', cause } }
      : event,
  ) as HistoryEvent[];
};
