import { StepFunctionsService } from '../../../local/stepfunctions/service.ts';
import type { StepFunctions } from '../../../local/stepfunctions/step-functions.ts';
import { stepFunctionsAs } from '../../../local/stepfunctions/step-functions-as.ts';
import { outputOf } from './distributed-machine.ts';
import {
  eventTypes,
  jsonataMachine,
  ROLE_ARN,
  runToEnd,
  start,
  virtualStepFunctions,
} from './run-machine.ts';

const CHILD_ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:child';

/** Step Functions with the machine `child`, which other machines can start. */
function withChild(
  states: object = { Give: { Type: 'Pass', Output: { gives: '{% $states.input %}' }, End: true } },
) {
  const access = { assumeRole: () => ({ kind: 'administrator' }) as const, authorize() {} };
  const world: ReturnType<typeof virtualStepFunctions> = virtualStepFunctions(undefined, {
    services: { callStepFunctions: stepFunctionsAs(access, () => service) },
  });
  const service = new StepFunctionsService(world.stepFunctions);
  const definition = jsonataMachine(Object.keys(states)[0] ?? '', states);
  world.stepFunctions.addStateMachine({ name: 'child', definition, roleArn: ROLE_ARN });
  return world;
}

/** A machine that starts `child`, or another. */
function starting(way: string, args: object = {}, rest: object = {}, ofMachine: object = {}): string {
  const Task = {
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${way}`,
    Arguments: { StateMachineArn: CHILD_ARN, ...args },
    End: true,
    ...rest,
  };
  return jsonataMachine('Task', { Task }, ofMachine);
}

function childOf(stepFunctions: StepFunctions) {
  return stepFunctions.executions.find(({ machine }) => machine.name === 'child');
}

const WAIT = { Wait: { Type: 'Wait', Seconds: 60, End: true } };

describe('a task that starts an execution', () => {
  test('gives its ARN and its start at once, where it does not wait', async () => {
    const { stepFunctions, clock } = withChild(WAIT);
    const begin = clock.now();
    const execution = await runToEnd(stepFunctions, starting('', { Name: 'a', Input: { n: 1 } }));
    const child = childOf(stepFunctions);
    expect(child).toMatchObject({ status: 'RUNNING', inputText: '{"n":1}', name: 'a' });
    expect(outputOf(execution)).toEqual({
      ExecutionArn: child?.arn,
      SdkHttpMetadata: expect.any(Object),
      SdkResponseMetadata: expect.any(Object),
      StartDate: begin,
    });
    expect(eventTypes(execution)).not.toContain('TaskSubmitted');
  });

  test.each([
    ['.sync:2', { n: 1 }, { gives: { n: 1 } }],
    ['.sync', '{"n":1}', '{"gives":{"n":1}}'],
  ])('waits for its end with %s and gives what DescribeExecution does', async (way, Input, Output) => {
    const { stepFunctions, clock } = withChild();
    const begin = clock.now();
    const execution = await runToEnd(stepFunctions, starting(way, { Input: { n: 1 } }));
    const child = childOf(stepFunctions);
    expect(outputOf(execution)).toEqual({
      ExecutionArn: child?.arn,
      Input,
      InputDetails: { Included: true },
      Name: child?.name,
      Output,
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      StartDate: begin,
      StateMachineArn: CHILD_ARN,
      Status: 'SUCCEEDED',
      StopDate: begin,
    });
    const details = { resource: `startExecution${way}`, resourceType: 'states' };
    expect(execution.events.slice(2, 6)).toMatchObject([
      { type: 'TaskScheduled', taskScheduledEventDetails: details },
      { type: 'TaskStarted', taskStartedEventDetails: details },
      { type: 'TaskSubmitted', taskSubmittedEventDetails: { ...details, output: expect.any(String) } },
      { type: 'TaskSucceeded', taskSucceededEventDetails: details },
    ]);
  });

  test.each([
    ['a text as it is', '"x"', '"x"'],
    ['an object for null', null, '{}'],
    ['an object for none', undefined, '{}'],
  ])('passes %s', async (_what, Input, inputText) => {
    const { stepFunctions } = withChild();
    await runToEnd(stepFunctions, starting('', { Input }));
    expect(childOf(stepFunctions)?.inputText).toBe(inputText);
  });

  test.each(['.sync', '.sync:2'])(
    'fails with States.TaskFailed and all of it in the cause: %s',
    async (way) => {
      const { stepFunctions } = withChild({ Fail: { Type: 'Fail', Error: 'SomeFailure', Cause: 'why' } });
      const execution = await runToEnd(stepFunctions, starting(way));
      expect(execution.error).toBe('States.TaskFailed');
      expect(JSON.parse(execution.cause ?? '')).toMatchObject({
        Cause: 'why',
        Error: 'SomeFailure',
        ExecutionArn: childOf(stepFunctions)?.arn,
        Input: '{}',
        RedriveStatus: 'REDRIVABLE',
        Status: 'FAILED',
      });
    },
  );

  test.each([
    ['no such machine', { StateMachineArn: `${CHILD_ARN}-2` }, 'StateMachineDoesNotExistException'],
    ['a bad name', { Name: 'a/b' }, 'InvalidNameException'],
    ['an input that is no JSON', { Input: 'x' }, 'InvalidExecutionInputException'],
  ])('fails by the name of the error: %s', async (_what, args, name) => {
    const { stepFunctions } = withChild();
    const execution = await runToEnd(stepFunctions, starting('', args));
    expect(execution.error).toBe(`StepFunctions.${name}`);
  });

  test('fails where the name has been used with another input, and joins what runs with the same', async () => {
    const { stepFunctions } = withChild(WAIT);
    const run = (Input: object) => runToEnd(stepFunctions, starting('', { Name: 'a', Input }));
    expect((await run({ n: 1 })).status).toBe('SUCCEEDED');
    expect((await run({ n: 1 })).status).toBe('SUCCEEDED');
    expect((await run({ n: 2 })).error).toBe('StepFunctions.ExecutionAlreadyExistsException');
  });

  const cause = (arn: string) =>
    `The Task state in AWS Step Functions execution [${arn}] which was managing this resource was aborted`;

  test('stops it when its own execution is stopped', async () => {
    const { stepFunctions, clock } = withChild(WAIT);
    const execution = start(stepFunctions, starting('.sync:2'));
    await clock.sleep(1000);
    execution.stop();
    await clock.sleep(1);
    expect(childOf(stepFunctions)).toMatchObject({ status: 'ABORTED', cause: cause(execution.arn) });
  });

  test('stops it when its time, or that of its execution, is up', async () => {
    for (const [rest, ofMachine, error] of [
      [{ TimeoutSeconds: 5 }, {}, 'States.Timeout'],
      [{}, { TimeoutSeconds: 5 }, undefined],
    ] as const) {
      const { stepFunctions, clock } = withChild(WAIT);
      const execution = await runToEnd(stepFunctions, starting('.sync', {}, rest, ofMachine));
      await clock.sleep(1);
      expect(execution.error).toBe(error);
      expect(childOf(stepFunctions)?.status).toBe('ABORTED');
    }
  });

  test('leaves it alone where it did not wait for it', async () => {
    const { stepFunctions, clock } = withChild(WAIT);
    await runToEnd(stepFunctions, starting(''));
    await clock.sleep(60_000);
    expect(childOf(stepFunctions)?.status).toBe('SUCCEEDED');
  });
});
