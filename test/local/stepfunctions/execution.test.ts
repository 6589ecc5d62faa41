import { jest } from '@jest/globals';
import type { ExecutionStatusChange } from '../../../local/stepfunctions/status-change.ts';
import { lambdaFunctionError, lambdaServiceError } from '../../../local/stepfunctions/task-error.ts';
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

const never = () => new Promise<never>(() => {});

describe('a task', () => {
  it('calls Lambda with the evaluated payload on behalf of the machine', async () => {
    const calls: LambdaInvocation[] = [];
    const { stepFunctions } = virtualStepFunctions(async (call) => {
      calls.push(call);
      return { ok: true };
    });
    const task = workTask({}, { job: '{% $states.input.id %}' });
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: task }), { id: 7 });
    expect(calls).toMatchObject([
      {
        functionName: 'work',
        payload: { job: 7 },
        caller: { executionArn: execution.arn, roleArn: ROLE_ARN, stateName: 'Work' },
      },
    ]);
    expect(execution.outputText).toBe('{"ok":true}');
  });

  it('is no longer waited for after its timeout, and the call is told', async () => {
    let signal: AbortSignal | undefined;
    const { clock, stepFunctions } = virtualStepFunctions((call) => {
      signal = call.signal;
      return never();
    });
    const before = clock.now();
    const task = workTask({ TimeoutSeconds: 3600 });
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: task }));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: undefined });
    expect(clock.now() - before).toBe(3_600_000);
    expect(signal?.aborted).toBe(true);
  });

  it('leaves no timer behind when it answers in time', async () => {
    const { clock, stepFunctions } = virtualStepFunctions();
    const before = clock.now();
    const task = workTask({ TimeoutSeconds: 3600 });
    await runToEnd(stepFunctions, jsonataMachine('Work', { Work: task }, { TimeoutSeconds: 7200 }));
    await clock.sleep(1);
    expect(clock.now() - before).toBe(1);
  });

  it('spreads its retries with full jitter, from the given chance', async () => {
    const work = async () => {
      throw lambdaServiceError('TooManyRequestsException', 429, 'Rate Exceeded.', 'r');
    };
    const random = jest.fn<() => number>().mockReturnValueOnce(0.5).mockReturnValueOnce(0.25);
    const { clock, stepFunctions } = virtualStepFunctions(work, { random });
    const before = clock.now();
    const Retry = [
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 2, JitterStrategy: 'FULL' },
    ];
    await runToEnd(stepFunctions, jsonataMachine('Work', { Work: workTask({ Retry }) }));
    expect(clock.now() - before).toBe(10_000 * 0.5 + 20_000 * 0.25);
    expect(random).toHaveBeenCalledTimes(2);
  });

  it('fails with States.DataLimitExceeded when its answer is over 256 KiB', async () => {
    const { stepFunctions } = virtualStepFunctions(async () => 'é'.repeat(131_072));
    const Catch = [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'TooLarge' }];
    const states = { Work: workTask({ Catch }), TooLarge: { Type: 'Pass', End: true } };
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', states));
    expect(JSON.parse(execution.outputText ?? '')).toEqual({
      Error: 'States.DataLimitExceeded',
      Cause:
        "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
    expect(eventTypes(execution)).toContain('TaskFailed');
  });

  it('that meets a bug of a service ends the execution with States.Runtime, which nothing catches', async () => {
    const { stepFunctions } = virtualStepFunctions(async () => {
      throw new TypeError('a bug');
    });
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Work' }];
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', { Work: workTask({ Catch }) }));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain('a bug');
  });

  it('refuses an argument that the call does not take', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const Arguments = { FunctionName: 'work', InvocationType: 'Event' };
    const execution = await runToEnd(
      stepFunctions,
      jsonataMachine('Work', { Work: workTask({ Arguments }) }),
    );
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain('the argument InvocationType is not supported');
  });

  it('retries and catches an expression that fails after a good answer', async () => {
    const { stepFunctions } = virtualStepFunctions(async () => ({}));
    const Catch = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }];
    const Output = '{% $states.result.Payload.renderId %}';
    const states = { Work: workTask({ Catch, Output }), Caught: { Type: 'Pass', End: true } };
    const execution = await runToEnd(stepFunctions, jsonataMachine('Work', states));
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.outputText).toContain("specified for the field 'Output' returned nothing");
  });
});

describe('the errors of Lambda', () => {
  it('are named by the error that the function threw, with the payload as cause', () => {
    const payload = { errorType: 'RenderFailed', errorMessage: 'frame 7', trace: [] };
    const error = lambdaFunctionError(payload);
    expect(error).toMatchObject({ error: 'RenderFailed', causeText: JSON.stringify(payload) });
    expect(lambdaFunctionError({ errorMessage: 'died' })).toMatchObject({ error: 'Lambda.Unknown' });
  });

  it('have the name and the words of Step Functions when Lambda refused the call', () => {
    const missing = lambdaServiceError(
      'ResourceNotFoundException',
      404,
      'Function not found: f:$LATEST',
      'r1',
    );
    expect(missing).toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
      causeText:
        'Function not found: f:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r1; Proxy: null)',
    });
    const denied = lambdaServiceError('AccessDeniedException', 403, 'not authorized', 'r2');
    expect(denied.error).toBe('Lambda.AWSLambdaException');
  });
});

describe('an execution', () => {
  it('that is stopped ends at once as ABORTED, past every Catch, and tells the running call', async () => {
    let signal: AbortSignal | undefined;
    const { clock, stepFunctions } = virtualStepFunctions((call) => {
      signal = call.signal;
      return never();
    });
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Work' }];
    const execution = start(stepFunctions, jsonataMachine('Work', { Work: workTask({ Catch }) }));
    await clock.sleep(1000);
    execution.stop('Stopped', 'by hand');
    await execution.ended;
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: 'by hand' });
    expect(signal?.aborted).toBe(true);
    await clock.sleep(1000);
    expect(eventTypes(execution).slice(-3)).toEqual(['TaskStarted', 'TaskStateAborted', 'ExecutionAborted']);
  });

  it('stays as it ended when it is stopped later', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const execution = await runToEnd(stepFunctions, jsonataMachine('Done', { Done: { Type: 'Succeed' } }));
    const { stopDate } = execution;
    execution.stop('Late');
    expect(execution).toMatchObject({ status: 'SUCCEEDED', error: undefined, stopDate });
  });

  it('waits for a point in time', async () => {
    const { clock, stepFunctions } = virtualStepFunctions();
    const Timestamp = '{% $states.input.at %}';
    const states = { Wait: { Type: 'Wait', Timestamp, End: true } };
    await runToEnd(stepFunctions, jsonataMachine('Wait', states), { at: '2026-03-01T12:00:00.5+02:00' });
    expect(new Date(clock.now()).toISOString()).toBe('2026-03-01T10:00:00.500Z');
  });

  it('ends before its history has more than 25,000 events', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const states = { Round: { Type: 'Pass', Next: 'Round' } };
    const execution = await runToEnd(stepFunctions, jsonataMachine('Round', states));
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(execution.events).toHaveLength(25_000);
    expect(execution.events.at(-1)?.type).toBe('ExecutionFailed');
  });

  it('fails at a Pass whose output is over 256 KiB, naming the state', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const states = { Double: { Type: 'Pass', Output: '{% $states.input & $states.input %}', End: true } };
    const execution = await runToEnd(stepFunctions, jsonataMachine('Double', states), 'x'.repeat(131_072));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(execution.cause).toContain("'Double'");
  });

  it('fails by name at a Choice that leads nowhere', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const Choices = [{ Condition: '{% false %}', Next: 'Which' }];
    const machine = jsonataMachine('Which', { Which: { Type: 'Choice', Choices } });
    expect(await runToEnd(stepFunctions, machine)).toMatchObject({ error: 'States.NoChoiceMatched' });
  });

  it('keeps what a Parallel assigns inside its branches', async () => {
    const { stepFunctions } = virtualStepFunctions();
    const branch = {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Assign: { n: 2 }, Output: '{% $n %}', End: true } },
    };
    const states = {
      First: { Type: 'Pass', Assign: { n: 1 }, Next: 'Both' },
      Both: { Type: 'Parallel', Branches: [branch, branch], Next: 'Last' },
      Last: { Type: 'Pass', Output: ['{% $states.input %}', '{% $n %}'], End: true },
    };
    const execution = await runToEnd(stepFunctions, jsonataMachine('First', states));
    expect(execution.outputText).toBe('[[1,1],1]');
  });

  it('tells every change of its status, as EventBridge has it', async () => {
    const changes: ExecutionStatusChange[] = [];
    const { clock, stepFunctions } = virtualStepFunctions();
    stepFunctions.onStatusChange((change) => changes.push(change));
    const startDate = clock.now();
    const states = {
      Wait: { Type: 'Wait', Seconds: 2, Next: 'Fail' },
      Fail: { Type: 'Fail', Error: 'Broken' },
    };
    const { arn, name, machine } = await runToEnd(stepFunctions, jsonataMachine('Wait', states), { a: 1 });
    const same = { executionArn: arn, stateMachineArn: machine.arn, name, startDate, input: '{"a":1}' };
    expect(changes).toMatchObject([
      { ...same, status: 'RUNNING', stopDate: null, output: null, error: null },
      { ...same, status: 'FAILED', stopDate: startDate + 2000, output: null, error: 'Broken', cause: null },
    ]);
  });
});
