import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { ExecutionStory } from '../../../cli/console/execution-story.ts';

let id = 0;
const at = (seconds: number) => new Date(1_000_000 + seconds * 1000);
const event = (type: string, seconds: number, more: object = {}): HistoryEvent => {
  id += 1;
  return { id, previousEventId: id - 1, type, timestamp: at(seconds), ...more } as HistoryEvent;
};
const entered = (name: string, seconds: number) =>
  event('TaskStateEntered', seconds, { stateEnteredEventDetails: { name, input: '{"a":1}' } });
const exited = (name: string, seconds: number) =>
  event('TaskStateExited', seconds, { stateExitedEventDetails: { name, output: '{"b":2}' } });

function story(...events: HistoryEvent[]): ExecutionStory {
  const told = new ExecutionStory();
  told.tell(events);
  return told;
}

beforeEach(() => {
  id = 0;
});

test('every pass through a state is told with its times, its input and its output', () => {
  const { visits } = story(
    event('ExecutionStarted', 0),
    entered('Look', 1),
    exited('Look', 3),
    entered('Look', 4),
  );
  expect(visits).toMatchObject([
    { state: 'Look', enteredAt: +at(1), leftAt: +at(3), status: 'done', input: '{"a":1}', output: '{"b":2}' },
    { state: 'Look', enteredAt: +at(4), status: 'running' },
  ]);
});

test('attempts are told apart, and the pass is done when the last one was', () => {
  const failure = { error: 'RenderStartThrottled', cause: 'no capacity' };
  const { visits } = story(
    entered('StartRender', 0),
    event('TaskScheduled', 0),
    event('TaskStarted', 0),
    event('TaskFailed', 1, { taskFailedEventDetails: failure }),
    event('TaskScheduled', 5),
    event('TaskSucceeded', 6),
    exited('StartRender', 6),
  );
  expect(visits).toMatchObject([
    {
      status: 'done',
      attempts: [
        { at: +at(0), endedAt: +at(1), ...failure },
        { at: +at(5), endedAt: +at(6) },
      ],
    },
  ]);
});

test('a failure that is caught leaves a failed pass behind', () => {
  const { visits } = story(
    entered('StartRender', 0),
    event('TaskScheduled', 0),
    event('TaskTimedOut', 1, { taskTimedOutEventDetails: { error: 'States.Timeout' } }),
    exited('StartRender', 1),
    entered('CancelRender', 1),
  );
  expect(visits.map(({ state, status }) => [state, status])).toEqual([
    ['StartRender', 'failed'],
    ['CancelRender', 'running'],
  ]);
});

test('a stopped execution stops the state that it was in; redriven, that state goes on', () => {
  const told = story(entered('StartRender', 0), event('TaskScheduled', 0), event('ExecutionAborted', 2));
  expect(told).toMatchObject({ hasEnded: true, visits: [{ status: 'stopped', leftAt: +at(2) }] });
  told.tell([
    event('ExecutionRedriven', 9),
    event('TaskScheduled', 9, { previousEventId: 2 }),
    event('TaskSucceeded', 10),
    exited('StartRender', 10),
  ]);
  expect(told).toMatchObject({
    hasEnded: false,
    redriven: [+at(9)],
    visits: [{ status: 'done', leftAt: +at(10), attempts: [{}, { at: +at(9) }] }],
  });
});

test('published events are told with their details, and whether EventBridge took them', () => {
  const parameters = JSON.stringify({ Entries: [{ DetailType: 'Render Started', Detail: { jobId: 'a' } }] });
  const told = story(
    entered('PublishStarted', 0),
    event('TaskScheduled', 1, { taskScheduledEventDetails: { resourceType: 'events', parameters } }),
  );
  expect(told.publications).toEqual([
    { visit: 1, at: +at(1), detailType: 'Render Started', detail: { jobId: 'a' } },
  ]);
  told.tell([event('TaskFailed', 2, { taskFailedEventDetails: { error: 'x' } })]);
  expect(told.publications[0]?.taken).toBe(false);
});

/** Two branches, of which one is a Map that runs its items in executions of their own, as Step Functions tells it. */
function branches(): HistoryEvent[] {
  return [
    event('ParallelStateEntered', 0, { stateEnteredEventDetails: { name: 'Both' } }),
    event('ParallelStateStarted', 0),
    event('MapStateEntered', 0, { stateEnteredEventDetails: { name: 'Rows' } }),
    event('MapStateStarted', 0),
    event('WaitStateEntered', 0, { previousEventId: 2, stateEnteredEventDetails: { name: 'Wait' } }),
    event('MapRunStarted', 0, { previousEventId: 4 }),
    event('WaitStateExited', 5, { previousEventId: 5, stateExitedEventDetails: { name: 'Wait' } }),
  ];
}

test('branches of a Parallel are told apart, each with the way that led into it', () => {
  const { visits } = story(
    ...branches(),
    event('TaskStateEntered', 5, { stateEnteredEventDetails: { name: 'Look' } }),
    event('MapRunSucceeded', 6, { previousEventId: 6 }),
    event('MapStateSucceeded', 6),
    event('MapStateExited', 6, { previousEventId: 6, stateExitedEventDetails: { name: 'Rows' } }),
    event('TaskStateExited', 7, { previousEventId: 8, stateExitedEventDetails: { name: 'Look' } }),
    event('ParallelStateSucceeded', 7),
    event('ParallelStateExited', 7, { previousEventId: 12, stateExitedEventDetails: { name: 'Both' } }),
    event('TaskStateEntered', 7, { stateEnteredEventDetails: { name: 'After' } }),
  );
  const nameOf = (of: number | undefined) => visits.find(({ id: each }) => each === of)?.state;
  expect(
    visits.map(({ state, status, from, inside }) => [state, status, nameOf(from), nameOf(inside)]),
  ).toEqual([
    ['Both', 'done', undefined, undefined],
    ['Rows', 'done', 'Both', 'Both'],
    ['Wait', 'done', 'Both', 'Both'],
    ['Look', 'done', 'Wait', 'Both'],
    ['After', 'running', 'Both', undefined],
  ]);
});

test('a branch that fails ends the others, and the Parallel says why', () => {
  const told = story(
    ...branches(),
    event('FailStateEntered', 8, { stateEnteredEventDetails: { name: 'Spent' } }),
    event('ParallelStateFailed', 8, { parallelStateFailedEventDetails: { error: 'BatchOverBudget' } }),
    event('MapStateAborted', 8, { previousEventId: 6 }),
    event('ParallelStateExited', 8, { previousEventId: 9, stateExitedEventDetails: { name: 'Both' } }),
  );
  const wrong = told.visits.map(({ state, status, attempts }) => [state, status, attempts.at(-1)?.error]);
  expect(wrong).toEqual([
    ['Both', 'failed', 'BatchOverBudget'],
    ['Rows', 'stopped', undefined],
    ['Wait', 'done', undefined],
    ['Spent', 'failed', undefined],
  ]);
});

test('a Map Run that is redriven goes on, and what it is inside of', () => {
  const told = story(...branches(), event('ExecutionAborted', 9));
  expect(told.visits.map(({ status }) => status)).toEqual(['stopped', 'stopped', 'done']);
  told.tell([event('ExecutionRedriven', 10), event('MapRunRedriven', 10, { previousEventId: 6 })]);
  expect(told.visits.map(({ status }) => status)).toEqual(['running', 'running', 'done']);
});
