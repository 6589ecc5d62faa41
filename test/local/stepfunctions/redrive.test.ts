import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { VirtualClock } from '../../../local/clock.ts';
import type { Execution } from '../../../local/stepfunctions/execution.ts';
import { StepFunctionsService } from '../../../local/stepfunctions/service.ts';
import type { ExecutionStatusChange } from '../../../local/stepfunctions/status-change.ts';
import { lambdaFunctionError } from '../../../local/stepfunctions/task-error.ts';
import type { LambdaInvocation } from '../../../local/stepfunctions/task-services.ts';
import {
  eventTypes,
  jsonataMachine,
  ROLE_ARN,
  runToEnd,
  start,
  virtualStepFunctions,
  workTask,
} from './run-machine.ts';
import { serve } from './serve.ts';

const DAY_IN_MS = 86_400_000;

/** A function whose first `failures` calls fail. */
function failingFirst(failures: number) {
  const calls: LambdaInvocation[] = [];
  const work = async (call: LambdaInvocation) => {
    calls.push(call);
    if (calls.length > failures) return { call: calls.length };
    throw lambdaFunctionError({ errorType: 'Broken', errorMessage: `call ${calls.length}`, trace: [] });
  };
  return { calls, ...virtualStepFunctions(work) };
}

async function redrive(stepFunctions: { redriveExecution(arn: string): number }, execution: Execution) {
  stepFunctions.redriveExecution(execution.arn);
  await execution.ended;
}

describe('a redrive of an execution', () => {
  it('goes on at the task that failed, with its input and the variables, and runs nothing before it again', async () => {
    const { calls, stepFunctions } = failingFirst(1);
    const payload = { n: '{% $n %}', of: '{% $states.input.of %}', redrives: '{% $redrives() %}' };
    const states = {
      Before: { Type: 'Pass', Assign: { n: 7 }, Output: { of: 'before' }, Next: 'Work' },
      Work: workTask(
        { Next: 'After', End: undefined },
        { ...payload, redrives: '{% $states.context.Execution.RedriveCount %}' },
      ),
      After: { Type: 'Succeed' },
    };
    const execution = await runToEnd(stepFunctions, jsonataMachine('Before', states));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Broken', redriveCount: 0 });
    await redrive(stepFunctions, execution);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', outputText: '{"call":2}', redriveCount: 1 });
    expect([execution.error, execution.cause]).toEqual([undefined, undefined]);
    expect(calls.map((call) => call.payload)).toEqual([
      { n: 7, of: 'before', redrives: 0 },
      { n: 7, of: 'before', redrives: 1 },
    ]);
  });

  it('schedules the task again from where it was entered, after an ExecutionRedriven event', async () => {
    const { stepFunctions } = failingFirst(1);
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: workTask() }));
    await redrive(stepFunctions, execution);
    const events = execution.events.map(({ id, type, previousEventId }) => [id, type, previousEventId]);
    expect(events).toEqual([
      [1, 'ExecutionStarted', 0],
      [2, 'TaskStateEntered', 0],
      [3, 'TaskScheduled', 2],
      [4, 'TaskStarted', 3],
      [5, 'TaskFailed', 4],
      [6, 'ExecutionFailed', 5],
      [7, 'ExecutionRedriven', 6],
      [8, 'TaskScheduled', 2],
      [9, 'TaskStarted', 8],
      [10, 'TaskSucceeded', 9],
      [11, 'TaskStateExited', 10],
      [12, 'ExecutionSucceeded', 11],
    ]);
    expect(execution.events[6]).toMatchObject({ executionRedrivenEventDetails: { redriveCount: 1 } });
  });

  it('begins the retries of the state anew', async () => {
    const { calls, stepFunctions } = failingFirst(5);
    const Retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 2 }];
    const task = workTask({ Retry }, { retries: '{% $states.context.State.RetryCount %}' });
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: task }));
    expect(calls).toHaveLength(3);
    await redrive(stepFunctions, execution);
    expect(execution.status).toBe('SUCCEEDED');
    expect(calls.map((call) => (call.payload as { retries: number }).retries)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('begins the time of the execution anew, so one that timed out can finish', async () => {
    const { clock, stepFunctions } = virtualStepFunctions();
    const states = {
      First: { Type: 'Wait', Seconds: 60, Next: 'Second' },
      Second: { Type: 'Wait', Seconds: 60, End: true },
    };
    const machine = jsonataMachine('First', states, { TimeoutSeconds: 100 });
    const execution = await runToEnd(stepFunctions, machine, { a: 1 });
    expect(execution.status).toBe('TIMED_OUT');
    const before = clock.now();
    await redrive(stepFunctions, execution);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', outputText: '{"a":1}' });
    expect(clock.now() - before).toBe(60_000);
  });

  it('goes on after a stop, and hears nothing more from the attempt that was stopped', async () => {
    const answers: ((answer: string) => void)[] = [];
    const { clock, stepFunctions } = virtualStepFunctions(
      () => new Promise((resolve) => answers.push(resolve)),
    );
    const execution = start(stepFunctions, jsonataMachine('Work', { Work: workTask() }));
    await clock.sleep(1);
    execution.stop();
    stepFunctions.redriveExecution(execution.arn);
    answers[0]?.('late');
    await clock.sleep(1);
    expect(execution.status).toBe('RUNNING');
    answers[1]?.('second');
    await execution.ended;
    expect(execution).toMatchObject({ status: 'SUCCEEDED', outputText: '"second"' });
  });

  it('does not run a state again that had ended when the execution was stopped', async () => {
    const { calls, clock, stepFunctions } = failingFirst(0);
    const states = { Work: workTask({ Next: 'Later', End: undefined }), Later: { Type: 'Pass', End: true } };
    const execution = start(stepFunctions, jsonataMachine('Work', states));
    // Stops it as soon as the event is there, before the next state is entered.
    const { push } = execution.events as unknown as { push(event: object): number };
    Object.assign(execution.events, {
      push(event: { type: string }) {
        if (event.type === 'TaskStateExited') queueMicrotask(() => execution.stop());
        return push.call(execution.events, event);
      },
    });
    await execution.ended;
    expect(eventTypes(execution).slice(-2)).toEqual(['TaskStateExited', 'ExecutionAborted']);
    await redrive(stepFunctions, execution);
    await clock.sleep(1);
    expect(calls).toHaveLength(1);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', outputText: '{"call":1}' });
  });

  it('enters a Fail state again, which fails again', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const Cause = '{% "redrive " & $states.context.Execution.RedriveCount %}';
    const states = { No: { Type: 'Fail', Error: 'No', Cause } };
    const execution = await runToEnd(stepFunctions, jsonataMachine('No', states));
    await redrive(stepFunctions, execution);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'No', cause: 'redrive 1' });
    expect(eventTypes(execution)).toEqual([
      'ExecutionStarted',
      'FailStateEntered',
      'ExecutionFailed',
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it.each([
    ['a Choice', { Type: 'Choice', Choices: [{ Condition: '{% $redriven() %}', Next: 'Done' }] }],
    ['a Pass', { Type: 'Pass', Assign: { ok: '{% $redriven() ? 1 : $error("not yet") %}' }, Next: 'Done' }],
  ])('evaluates %s again that failed', async (_type, state) => {
    const { stepFunctions } = virtualStepFunctions();
    const definition = jsonataMachine('Which', { Which: state, Done: { Type: 'Succeed' } });
    const execution = await runToEnd(
      stepFunctions,
      definition.replaceAll('$redriven()', '$exists($states.context.Execution.RedriveTime)'),
    );
    expect(execution.status).toBe('FAILED');
    await redrive(stepFunctions, execution);
    expect(execution.status).toBe('SUCCEEDED');
  });

  it('can be done again when it fails again', async () => {
    const { stepFunctions } = failingFirst(3);
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: workTask() }));
    for (let count = 1; count <= 3; count += 1) {
      expect(execution.status).toBe('FAILED');
      await redrive(stepFunctions, execution);
      expect(execution.redriveCount).toBe(count);
    }
    expect(execution.status).toBe('SUCCEEDED');
  });

  it('is told to the listeners as RUNNING and as the new end', async () => {
    const changes: ExecutionStatusChange[] = [];
    const { clock, stepFunctions } = failingFirst(1);
    stepFunctions.onStatusChange((change) => changes.push(change));
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: workTask() }));
    await redrive(stepFunctions, execution);
    const once = { redriveCount: 1, redriveDate: clock.now() };
    expect(changes.slice(1)).toMatchObject([
      { status: 'FAILED', redriveStatus: 'REDRIVABLE', redriveStatusReason: null, redriveDate: null },
      { ...once, status: 'RUNNING', stopDate: null, error: null, redriveStatus: 'NOT_REDRIVABLE' },
      { ...once, status: 'SUCCEEDED', redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' },
    ]);
  });

  it('of a Parallel goes on with the branches that did not succeed, where they ended', async () => {
    const { stepFunctions } = failingFirst(1);
    const Branches = [
      {
        StartAt: 'Before',
        States: { Before: { Type: 'Pass', Assign: { kept: 1 }, Next: 'Work' }, Work: workTask() },
      },
      { StartAt: 'Done', States: { Done: { Type: 'Pass', Output: 'first', End: true } } },
      { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 60, End: true } } },
    ];
    const machine = jsonataMachine('Both', { Both: { Type: 'Parallel', Branches, End: true } });
    const execution = await runToEnd(stepFunctions, machine);
    expect(execution.status).toBe('FAILED');
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect(JSON.parse(execution.outputText ?? '')).toMatchObject({ 1: 'first' });
    const entered = execution.events.flatMap(({ type, ...event }) =>
      type.endsWith('StateEntered') ? [JSON.stringify(event).match(/"name":"(\w+)"/)?.[1]] : [],
    );
    expect(entered).toEqual(['Both', 'Before', 'Done', 'Rest', 'Work']);
  });

  it('is refused from inside a Map, by name', async () => {
    const { stepFunctions } = failingFirst(2);
    const ItemProcessor = { StartAt: 'Work', States: { Work: workTask() } };
    const machine = jsonataMachine('All', { All: { Type: 'Map', Items: [1], ItemProcessor, End: true } });
    const execution = await runToEnd(stepFunctions, machine);
    expect(() => stepFunctions.redriveExecution(execution.arn)).toThrow(
      expect.objectContaining({
        code: 'ExecutionNotRedrivable',
        message: "Redrive from a Map state is not supported on one machine (state 'All')",
      }),
    );
  });

  it('is refused when the history is full', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const machine = jsonataMachine('Round', { Round: { Type: 'Pass', Next: 'Round' } });
    const execution = await runToEnd(stepFunctions, machine);
    expect(execution.notRedrivableReason).toBe('Execution history event limit exceeded');
  });

  it('is refused 14 days after the end', async () => {
    const { clock, stepFunctions } = failingFirst(1);
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: workTask() }));
    await clock.sleep(14 * DAY_IN_MS);
    expect(execution.notRedrivableReason).toBeUndefined();
    await clock.sleep(1);
    expect(execution.notRedrivableReason).toBe('Execution redrivable period exceeded');
  });
});

describe('RedriveExecution', () => {
  const { clock, stepFunctions } = failingFirst(1);
  const { arn: stateMachineArn } = stepFunctions.addStateMachine({
    name: 'work',
    definition: jsonataMachine('Work', { Work: workTask() }),
    roleArn: ROLE_ARN,
  });
  const service = new StepFunctionsService(stepFunctions);
  let server: Awaited<ReturnType<typeof serve>>;
  let client: SFNClient;
  let executionArn: string;

  beforeAll(async () => {
    server = await serve(service);
    client = new SFNClient({
      region: 'us-east-1',
      endpoint: server.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      maxAttempts: 1,
    });
    const { executionArn: arn = '' } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name: 'order-1' }),
    );
    executionArn = arn;
    await stepFunctions.execution(executionArn).ended;
  });
  afterAll(async () => {
    client.destroy();
    await server[Symbol.asyncDispose]();
  });

  const describeExecution = () => client.send(new DescribeExecutionCommand({ executionArn }));

  it('redrives a failed execution once per client token, under the same ARN', async () => {
    expect(await describeExecution()).toMatchObject({ redriveStatus: 'REDRIVABLE', redriveCount: 0 });
    const command = new RedriveExecutionCommand({ executionArn, clientToken: 'token-1' });
    const [first, second] = [await client.send(command), await client.send(command)];
    expect([first.redriveDate, second.redriveDate]).toEqual(Array(2).fill(new Date(clock.now())));
    await stepFunctions.execution(executionArn).ended;
    expect(await describeExecution()).toMatchObject({
      executionArn,
      status: 'SUCCEEDED',
      output: '{"call":2}',
      redriveCount: 1,
      redriveDate: first.redriveDate,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  it('shows in the list of executions and in the history', async () => {
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toMatchObject([{ executionArn, redriveCount: 1, redriveDate: new Date(clock.now()) }]);
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.find(({ type }) => type === 'ExecutionRedriven')).toMatchObject({
      executionRedrivenEventDetails: { redriveCount: 1 },
    });
  });

  it('refuses an execution that succeeded, is running, or is not there, and a bad token', async () => {
    const send = (arn: string, clientToken?: string) =>
      client.send(new RedriveExecutionCommand({ executionArn: arn, clientToken }));
    await expect(send(executionArn)).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
      message: 'Execution is SUCCEEDED and cannot be redriven',
    });
    const running = start(
      stepFunctions,
      jsonataMachine('Wait', { Wait: { Type: 'Wait', Timestamp: '2999-01-01T00:00:00Z', End: true } }),
    );
    const release = Promise.withResolvers<void>();
    void (clock as VirtualClock).holdDuring(() => release.promise);
    await expect(send(running.arn)).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
      message: 'Execution is RUNNING and cannot be redriven',
    });
    running.stop();
    release.resolve();
    await expect(send(`${executionArn}0`)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    await expect(send(executionArn, 'a b')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('asks IAM for states:RedriveExecution on the execution', () => {
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': 'AWSStepFunctions.RedriveExecution' },
      body: Buffer.from(JSON.stringify({ executionArn })),
      principal: { kind: 'administrator' },
    } as const;
    expect(service.authorizations(request)).toEqual([
      { action: 'states:RedriveExecution', resource: executionArn },
    ]);
  });
});
