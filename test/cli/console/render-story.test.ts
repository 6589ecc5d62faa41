import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { RenderStory } from '../../../cli/console/render-story.ts';

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

function story(...events: HistoryEvent[]): RenderStory {
  const told = new RenderStory();
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

test('branches of a Parallel are not mixed up', () => {
  const { visits } = story(
    event('ParallelStateEntered', 0, { stateEnteredEventDetails: { name: 'Both' } }),
    event('TaskStateEntered', 1, { stateEnteredEventDetails: { name: 'Left' } }),
    event('TaskStateEntered', 1, { previousEventId: 1, stateEnteredEventDetails: { name: 'Right' } }),
    event('TaskStateExited', 2, { previousEventId: 2, stateExitedEventDetails: { name: 'Left' } }),
  );
  expect(visits.map(({ state, status }) => [state, status])).toEqual([
    ['Both', 'running'],
    ['Left', 'done'],
    ['Right', 'running'],
  ]);
});
