import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { ExecutionFeed } from '../../../cli/console/execution-feed.ts';
import { arnOf } from './test-console.ts';

const client = new SFNClient({ region: 'eu-west-1' });
const sfn = mockClient(client);
let history: HistoryEvent[];

const timestamp = new Date(0);
const event = (id: number, type: string, more: object = {}): HistoryEvent =>
  ({ id, previousEventId: id - 1, type, timestamp, ...more }) as HistoryEvent;
const passes = (count: number): HistoryEvent[] =>
  Array.from({ length: count }, (_, index) =>
    event(index + 1, 'PassStateEntered', { stateEnteredEventDetails: { name: `State${index + 1}` } }),
  );

beforeEach(() => {
  jest.useFakeTimers();
  sfn.reset();
  history = [event(1, 'ExecutionStarted')];
  sfn.on(DescribeExecutionCommand).callsFake(() => ({
    status: history.at(-1)?.type === 'ExecutionSucceeded' ? 'SUCCEEDED' : 'RUNNING',
  }));
  // As Step Functions gives it: newest first, in pages.
  sfn.on(GetExecutionHistoryCommand).callsFake(({ maxResults, nextToken = '0' }) => {
    const from = Number(nextToken);
    const events = history.toReversed().slice(from, from + maxResults);
    return { events, ...(from + maxResults < history.length && { nextToken: String(from + maxResults) }) };
  });
});
afterEach(() => jest.useRealTimers());

const reads = () => sfn.commandCalls(GetExecutionHistoryCommand).length;

test('however many look at an execution, its history is read once a second', async () => {
  const feed = new ExecutionFeed(client, arnOf('it'));
  const stops = [1, 2, 3].map(() => feed.listen(() => {}));
  await jest.advanceTimersByTimeAsync(10_000);
  expect(reads()).toBeGreaterThanOrEqual(10);
  expect(reads()).toBeLessThanOrEqual(11);
  for (const stop of stops) stop();
  const before = reads();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(reads()).toBe(before);
});

test('what is new is told once, in order, however many pages it has', async () => {
  const feed = new ExecutionFeed(client, arnOf('it'));
  history = passes(2500);
  await feed.read();
  history = passes(3100);
  await feed.read();
  await feed.read();
  expect(feed.story.visits.map(({ id }) => id)).toEqual(history.map(({ id }) => id));
  // Three pages of a thousand, four of 200 with the one that is known, and one that has nothing new.
  expect(reads()).toBe(3 + 4 + 1);
});

test('an execution that has ended is looked at less often, for it may be redriven', async () => {
  history.push(event(2, 'ExecutionSucceeded'));
  const feed = new ExecutionFeed(client, arnOf('it'));
  const stop = feed.listen(() => {});
  await jest.advanceTimersByTimeAsync(20_500);
  expect(reads()).toBeLessThanOrEqual(5);
  expect(feed.execution?.status).toBe('SUCCEEDED');
  stop();
});

test('listeners are called when something has changed, and not otherwise', async () => {
  const feed = new ExecutionFeed(client, arnOf('it'));
  const heard = jest.fn();
  const stop = feed.listen(heard);
  await jest.advanceTimersByTimeAsync(3_500);
  expect(heard).toHaveBeenCalledTimes(1);
  history = [...history, event(2, 'PassStateEntered', { stateEnteredEventDetails: { name: 'A' } })];
  await jest.advanceTimersByTimeAsync(1_000);
  expect(heard).toHaveBeenCalledTimes(2);
  stop();
});

test('throttling is said and passes; a refusal says what is missing', async () => {
  const feed = new ExecutionFeed(client, arnOf('it'));
  sfn
    .on(GetExecutionHistoryCommand)
    .rejects(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
  await feed.read();
  expect(feed.trouble).toMatchObject({ isPassing: true });
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  await feed.read();
  expect(feed.trouble).toBeUndefined();
});
