import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { describePlace, placeOf, waitingLine } from '../../cli/waiting-line.ts';

const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:Machine';
const arn = (name: string) => `arn:aws:states:us-east-1:123456789012:execution:Machine:${name}`;

const mock = mockClient(SFNClient);
const sfn = new SFNClient({ region: 'us-east-1' });
const waits = (ticket: string) => ({
  type: 'TaskSubmitted',
  taskSubmittedEventDetails: {
    resource: 'invoke.waitForTaskToken',
    resourceType: 'lambda',
    output: JSON.stringify({ Payload: { ticket } }),
  },
});

beforeEach(() => {
  mock.reset();
  const last = {
    late: waits('1-0003'),
    renders: { type: 'TaskStarted' },
    first: waits('0-0009'),
    mid: waits('1-0001'),
  };
  mock.on(ListExecutionsCommand).resolves({
    executions: Object.keys(last).map((name) => ({ executionArn: arn(name), name })) as never,
  });
  for (const [name, event] of Object.entries(last))
    mock.on(GetExecutionHistoryCommand, { executionArn: arn(name) }).resolves({ events: [event as never] });
});

test('the line has those who wait for their turn, by their tickets', async () => {
  expect((await waitingLine(sfn, MACHINE)).map(({ name }) => name)).toEqual(['first', 'mid', 'late']);
});

test('an execution is told its place in the line, and none when its turn has come', async () => {
  expect(await placeOf(sfn, arn('mid'))).toBe('waiting, 2nd of 3');
  expect(await placeOf(sfn, arn('renders'))).toBeUndefined();
});

test('who may not list executions is told no place', async () => {
  mock.on(ListExecutionsCommand).rejects(new Error('AccessDenied'));
  expect(await placeOf(sfn, arn('mid'))).toBeUndefined();
});

test.each([
  [0, 'waiting, 1st of 120'],
  [2, 'waiting, 3rd of 120'],
  [10, 'waiting, 11th of 120'],
  [110, 'waiting, 111th of 120'],
])('place %d is spelled %s', (index, text) => {
  expect(describePlace(index, 120)).toBe(text);
});
