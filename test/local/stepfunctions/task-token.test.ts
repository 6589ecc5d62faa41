import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { VirtualClock } from '../../../local/clock.ts';
import type { Execution } from '../../../local/stepfunctions/execution.ts';
import { StepFunctionsService } from '../../../local/stepfunctions/service.ts';
import type { LambdaInvocation } from '../../../local/stepfunctions/task-services.ts';
import { eventTypes, jsonataMachine, start, virtualStepFunctions } from './run-machine.ts';
import { serve } from './serve.ts';

/** A machine whose one task waits for its token. */
function waiting(work: (token: string) => Promise<unknown> | unknown = () => null, rest: object = {}) {
  const tokens: string[] = [];
  const virtual = virtualStepFunctions(async ({ payload }: LambdaInvocation) => {
    const { token } = payload as { token: string };
    tokens.push(token);
    return ((await work(token)) ?? null) as null;
  });
  const definition = jsonataMachine('Ask', {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      TimeoutSeconds: 60,
      Output: '{% $states.result %}',
      End: true,
      ...rest,
    },
  });
  return { ...virtual, tokens, begin: () => start(virtual.stepFunctions, definition) };
}

const asked = async (clock: VirtualClock, tokens: readonly string[], count = 1) => {
  while (tokens.length < count) await clock.sleep(1);
  await clock.sleep(1);
};

const detailsOf = ({ events }: Execution, type: string) => {
  const event = events.find((each) => each.type === type) ?? {};
  return Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1];
};

describe('a task that waits for its token', () => {
  it('goes on with what SendTaskSuccess sends, long after its function has returned', async () => {
    const { clock, stepFunctions, tokens, begin } = waiting();
    const execution = begin();
    await asked(clock, tokens);
    await clock.sleep(30_000);
    expect(execution.status).toBe('RUNNING');
    stepFunctions.taskTokens.succeed(tokens[0] ?? '', '{"turn":1}');
    await execution.ended;
    expect(execution.outputText).toBe('{"turn":1}');
    expect(eventTypes(execution).slice(2, -2)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
    expect(detailsOf(execution, 'TaskSubmitted')).toMatchObject({
      resourceType: 'lambda',
      resource: 'invoke.waitForTaskToken',
      outputDetails: { truncated: false },
    });
    expect(detailsOf(execution, 'TaskSucceeded')).toMatchObject({ output: '{"turn":1}' });
  });

  it('fails with the error and cause that SendTaskFailure sends', async () => {
    const { clock, stepFunctions, tokens, begin } = waiting();
    const execution = begin();
    await asked(clock, tokens);
    stepFunctions.taskTokens.fail(tokens[0] ?? '', 'NoTurn', 'too many wait');
    await execution.ended;
    expect(execution).toMatchObject({ status: 'FAILED', error: 'NoTurn', cause: 'too many wait' });
    expect(detailsOf(execution, 'TaskFailed')).toMatchObject({ error: 'NoTurn', cause: 'too many wait' });
  });

  it('fails with the error of its function', async () => {
    const { begin } = waiting(() => Promise.reject(new Error('no such ticket')));
    const execution = begin();
    await execution.ended;
    expect(execution.status).toBe('FAILED');
    expect(eventTypes(execution)).not.toContain('TaskSubmitted');
  });

  it('goes on with an answer that comes before its function returns', async () => {
    const task = waiting(async (token) => {
      task.stepFunctions.taskTokens.succeed(token, '"early"');
      await task.clock.sleep(1_000);
    });
    const execution = task.begin();
    await execution.ended;
    expect(execution).toMatchObject({ status: 'SUCCEEDED', outputText: '"early"' });
  });

  it('times out while nobody answers, and refuses its token from then on', async () => {
    const { stepFunctions, tokens, begin } = waiting();
    const execution = begin();
    await execution.ended;
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(() => stepFunctions.taskTokens.succeed(tokens[0] ?? '', '1')).toThrow('Task Timed Out');
  });

  it('has another token with every attempt', async () => {
    const retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const { clock, stepFunctions, tokens, begin } = waiting(undefined, { Retry: retry });
    const execution = begin();
    await asked(clock, tokens, 2);
    expect(new Set(tokens).size).toBe(2);
    expect(() => stepFunctions.taskTokens.succeed(tokens[0] ?? '', '1')).toThrow('Task Timed Out');
    stepFunctions.taskTokens.succeed(tokens[1] ?? '', '2');
    await execution.ended;
    expect(execution.outputText).toBe('2');
  });

  it('refuses its token once the execution was stopped', async () => {
    const { clock, stepFunctions, tokens, begin } = waiting();
    const execution = begin();
    await asked(clock, tokens);
    execution.stop();
    await clock.sleep(1);
    expect(() => stepFunctions.taskTokens.succeed(tokens[0] ?? '', '1')).toThrow('Task Timed Out');
  });
});

describe('the API of task tokens', () => {
  const task = waiting();
  const service = new StepFunctionsService(task.stepFunctions);
  const serving = serve(service);
  const client = serving.then(
    ({ endpoint }) =>
      new SFNClient({
        region: 'us-east-1',
        endpoint,
        credentials: { accessKeyId: 'a', secretAccessKey: 's' },
        maxAttempts: 1,
      }),
  );
  afterAll(async () => {
    (await client).destroy();
    await (await serving)[Symbol.asyncDispose]();
  });

  async function whileAsked<T>(act: (token: string, execution: Execution) => Promise<T>): Promise<T> {
    const count = task.tokens.length;
    const execution = task.begin();
    await asked(task.clock, task.tokens, count + 1);
    return task.clock.holdDuring(() => act(task.tokens.at(-1) ?? '', execution));
  }

  it('answers a task once: the second answer is TaskTimedOut', async () => {
    await whileAsked(async (taskToken, execution) => {
      const command = new SendTaskSuccessCommand({ taskToken, output: '{"turn":2}' });
      await (await client).send(command);
      await expect((await client).send(command)).rejects.toMatchObject({ name: 'TaskTimedOut' });
      await execution.ended;
      expect(execution.outputText).toBe('{"turn":2}');
    });
  });

  it('refuses what is no token, and output that is no JSON', async () => {
    await whileAsked(async (taskToken, execution) => {
      const send = async (command: SendTaskSuccessCommand) => (await client).send(command);
      await expect(send(new SendTaskSuccessCommand({ taskToken: 'x', output: '1' }))).rejects.toMatchObject({
        name: 'InvalidToken',
      });
      await expect(send(new SendTaskSuccessCommand({ taskToken, output: 'x' }))).rejects.toMatchObject({
        name: 'InvalidOutput',
      });
      await (await client).send(new SendTaskFailureCommand({ taskToken, error: 'No', cause: 'no' }));
      await execution.ended;
      expect(execution.error).toBe('No');
    });
  });

  it('asks IAM about the state machine of the token', async () => {
    await whileAsked(async (taskToken, execution) => {
      const request = {
        headers: { 'x-amz-target': 'AWSStepFunctions.SendTaskSuccess' },
        body: Buffer.from(JSON.stringify({ taskToken, output: '1' })),
      };
      expect(service.authorizations(request as never)).toEqual([
        { action: 'states:SendTaskSuccess', resource: execution.machine.arn },
      ]);
      execution.stop();
    });
  });
});
