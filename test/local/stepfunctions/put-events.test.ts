import { jest } from '@jest/globals';
import { TaskError } from '../../../local/stepfunctions/task-error.ts';
import type { EventPublication, PutEventsAnswer } from '../../../local/stepfunctions/task-services.ts';
import { jsonataMachine, runToEnd, virtualStepFunctions } from './run-machine.ts';

const taken = { FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] };
const refused = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] };
const answer = (body: typeof taken | typeof refused): PutEventsAnswer => ({
  body,
  statusCode: 200,
  requestId: 'r-1',
});
const putEvents = jest.fn<(publication: EventPublication) => Promise<PutEventsAnswer>>();

beforeEach(() => void putEvents.mockReset().mockResolvedValue(answer(taken)));

function run(rest: object = {}, entry: object = { Detail: { jobId: '{% $states.input.jobId %}' } }) {
  const { stepFunctions } = virtualStepFunctions(undefined, {
    services: { invokeLambda: () => Promise.reject(new Error('no function here')), putEvents },
  });
  const Publish = {
    Type: 'Task',
    Resource: 'arn:aws:states:::events:putEvents',
    Arguments: { Entries: [{ Source: 'renders', DetailType: 'Done', EventBusName: 'bus', ...entry }] },
    End: true,
    ...rest,
  };
  return runToEnd(stepFunctions, jsonataMachine('Publish', { Publish }), { jobId: 'order-1' });
}

describe('a task that publishes events', () => {
  test('sends the detail as text, and its execution and state machine among the resources', async () => {
    const execution = await run();
    expect(putEvents.mock.calls[0]?.[0].entries).toEqual([
      {
        Source: 'renders',
        DetailType: 'Done',
        EventBusName: 'bus',
        Detail: '{"jobId":"order-1"}',
        Resources: [execution.arn, execution.machine.arn],
      },
    ]);
  });

  test('keeps the resources that an entry names, and detail that is text already', async () => {
    const execution = await run({}, { Detail: '{"a":1}', Resources: ['arn:aws:s3:::videos'] });
    expect(putEvents.mock.calls[0]?.[0].entries).toMatchObject([
      { Detail: '{"a":1}', Resources: ['arn:aws:s3:::videos', execution.arn, execution.machine.arn] },
    ]);
  });

  test('has what EventBridge answered as its result, and says so in the history', async () => {
    const execution = await run();
    expect(JSON.parse(execution.outputText ?? '')).toMatchObject({
      ...taken,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: 'r-1' },
    });
    const ofTask = execution.events.filter(({ type }) => /^Task(Scheduled|Started|Succeeded)$/.test(type));
    expect(ofTask).toMatchObject([
      { taskScheduledEventDetails: { resourceType: 'events', resource: 'putEvents' } },
      { taskStartedEventDetails: { resourceType: 'events', resource: 'putEvents' } },
      { taskSucceededEventDetails: { resourceType: 'events', resource: 'putEvents' } },
    ]);
  });

  test('fails with EventBridge.FailedEntry when EventBridge has not taken an entry', async () => {
    putEvents.mockResolvedValue(answer(refused));
    const execution = await run();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'EventBridge.FailedEntry' });
    expect(JSON.parse(execution.cause ?? '')).toEqual(refused);
  });

  test('is tried again as its Retry says', async () => {
    putEvents.mockRejectedValueOnce(new TaskError('EventBridge.AmazonEventBridgeException', 'throttled'));
    const execution = await run({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }] });
    expect(execution.status).toBe('SUCCEEDED');
    expect(putEvents).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['without entries', {}],
    ['with what the API does not take', { Entries: [], Bus: 'bus' }],
  ])('does not run %s', async (_what, Arguments) => {
    const execution = await run({ Arguments });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(putEvents).not.toHaveBeenCalled();
  });
});
