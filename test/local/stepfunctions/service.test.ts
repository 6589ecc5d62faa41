import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { AwsRequest } from '../../../local/aws.ts';
import { StepFunctionsService } from '../../../local/stepfunctions/service.ts';
import { jsonataMachine, ROLE_ARN, virtualStepFunctions, workTask } from './run-machine.ts';
import { serve } from './serve.ts';

const { clock, stepFunctions } = virtualStepFunctions(async () => ({ done: true }));
const add = (name: string, definition: string) =>
  stepFunctions.addStateMachine({ name, definition, roleArn: ROLE_ARN }).arn;
const work = add('work', jsonataMachine('Work', { Work: workTask() }));
const failing = add('failing', jsonataMachine('No', { No: { Type: 'Fail', Error: 'No', Cause: 'why not' } }));
const hanging = add(
  'hanging',
  jsonataMachine('Wait', { Wait: { Type: 'Wait', Seconds: 86_400, End: true } }),
);
const MISSING = 'arn:aws:states:us-east-1:123456789012:stateMachine:missing';

const service = new StepFunctionsService(stepFunctions);
const server = await serve(service);
const client = new SFNClient({
  region: 'us-east-1',
  endpoint: server.endpoint,
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  maxAttempts: 1,
});

// The virtual clock runs whenever nothing happens: while an answer is on its way, time must stand still.
let release: () => void;
beforeEach(() => {
  void clock.holdDuring(() => new Promise<void>((resolve) => (release = resolve)));
});
afterEach(() => release());
afterAll(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
  for (const execution of stepFunctions.executions) execution.stop();
});

/** Starts one and waits for its end, where it has one without waiting. */
async function finished(stateMachineArn: string, name?: string): Promise<string> {
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, name }));
  await stepFunctions.execution(executionArn).ended;
  return executionArn;
}

describe('StartExecution', () => {
  it('gives the execution an ARN of its name and a start date', async () => {
    const answer = await client.send(new StartExecutionCommand({ stateMachineArn: work, name: 'order-1' }));
    expect(answer).toMatchObject({
      executionArn: 'arn:aws:states:us-east-1:123456789012:execution:work:order-1',
      startDate: new Date(clock.now()),
    });
  });

  it('names an execution by a UUID and gives it {} where the caller does not', async () => {
    const executionArn = await finished(work);
    expect(executionArn).toMatch(/:execution:work:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ input: '{}' });
  });

  it('gives the running execution again for the same name and input', async () => {
    const command = new StartExecutionCommand({ stateMachineArn: hanging, name: 'twice', input: '{"a":1}' });
    const [first, second] = [await client.send(command), await client.send(command)];
    expect([second.executionArn, second.startDate]).toEqual([first.executionArn, first.startDate]);
  });

  it('refuses a name that another input has, or that has ended', async () => {
    const running = { stateMachineArn: hanging, name: 'taken' };
    await client.send(new StartExecutionCommand({ ...running, input: '{"a":1}' }));
    const other = client.send(new StartExecutionCommand({ ...running, input: '{"a":2}' }));
    await expect(other).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
      message: "Execution Already Exists: 'arn:aws:states:us-east-1:123456789012:execution:hanging:taken'",
    });
    await finished(work, 'over');
    await expect(finished(work, 'over')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it.each([
    'a b',
    'a/b',
    'a:b',
    'a*',
    'a?',
    '<a>',
    '{a}',
    '[a]',
    'a"b',
    'a#b',
    '100%',
    'a\\b',
    'a^b',
    'a|b',
    '~a',
    'a`b',
    '$a',
    'a&b',
    'a,b',
    'a;b',
    'a\u0007',
    'a\u0085',
    'a\ud800',
  ])('refuses the name %j', async (name) => {
    await expect(finished(work, name)).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('takes a name of 80 characters, of letters of any language and of . _ - + = @ !', async () => {
    for (const name of ['n'.repeat(80), 'Größe-1.2_3+4=5@6!', '動画']) {
      expect(await finished(work, name)).toBe(`arn:aws:states:us-east-1:123456789012:execution:work:${name}`);
    }
    await expect(finished(work, 'n'.repeat(81))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('refuses input that is no JSON, and input over 256 KiB', async () => {
    const start = (input: string) => client.send(new StartExecutionCommand({ stateMachineArn: work, input }));
    await expect(start('{a: 1}')).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(start(JSON.stringify('é'.repeat(131_072)))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('refuses a machine that is not there, an ARN that is none, and no ARN', async () => {
    await expect(finished(MISSING)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    await expect(finished('work')).rejects.toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'work'",
    });
    await expect(finished(undefined as never)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('DescribeExecution', () => {
  it('tells of a success its output and of a failure its error and cause', async () => {
    const executionArn = await finished(work, 'described');
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      executionArn,
      stateMachineArn: work,
      name: 'described',
      status: 'SUCCEEDED',
      startDate: new Date(clock.now()),
      stopDate: new Date(clock.now()),
      input: '{}',
      inputDetails: { included: true },
      output: '{"done":true}',
      outputDetails: { included: true },
      redriveCount: 0,
    });
    const failed = await client.send(new DescribeExecutionCommand({ executionArn: await finished(failing) }));
    expect(failed).toMatchObject({ status: 'FAILED', error: 'No', cause: 'why not' });
    expect(failed.output).toBeUndefined();
  });

  it('leaves the data out on request, and refuses an execution that is not there', async () => {
    const executionArn = await finished(work);
    const command = new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' });
    const { input, output, status } = await client.send(command);
    expect([input, output, status]).toEqual([undefined, undefined, 'SUCCEEDED']);
    const missing = new DescribeExecutionCommand({ executionArn: `${executionArn}0` });
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });
});

describe('GetExecutionHistory', () => {
  it('pages through the events in both orders', async () => {
    const executionArn = await finished(work);
    const idsOf = async (reverseOrder: boolean) => {
      const ids: (number | undefined)[] = [];
      const pages = paginateGetExecutionHistory({ client, pageSize: 3 }, { executionArn, reverseOrder });
      for await (const { events = [] } of pages) ids.push(...events.map(({ id }) => id));
      return ids;
    };
    expect(await idsOf(false)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await idsOf(true)).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('has times and details, with the caller’s own spacing in an input that is passed on', async () => {
    const start = new StartExecutionCommand({ stateMachineArn: hanging, input: '{ "a": 1 }' });
    const { executionArn } = await client.send(start);
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events[1]).toMatchObject({
      type: 'WaitStateEntered',
      timestamp: new Date(clock.now()),
      stateEnteredEventDetails: { name: 'Wait', input: '{ "a": 1 }' },
    });
  });

  it('leaves the data out on request', async () => {
    const executionArn = await finished(work);
    const command = new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false });
    const { events = [] } = await client.send(command);
    expect(events).toHaveLength(7);
    expect(JSON.stringify(events)).not.toMatch(/done|FunctionName|"input"|"output"/);
  });

  it('refuses a token of another request and a page of more than 1,000', async () => {
    const executionArn = await finished(work);
    const get = (rest: object) => client.send(new GetExecutionHistoryCommand({ executionArn, ...rest }));
    const { nextToken } = await get({ maxResults: 2 });
    await expect(get({ nextToken, reverseOrder: true })).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(get({ maxResults: 1001 })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('StopExecution', () => {
  it('ends a running execution as ABORTED with the error and cause', async () => {
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: hanging }));
    const stop = new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'by hand' });
    expect(await client.send(stop)).toMatchObject({ stopDate: new Date(clock.now()) });
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      error: 'Stopped',
      cause: 'by hand',
    });
  });
});

describe('ListExecutions', () => {
  const many = add('many', jsonataMachine('Wait', { Wait: { Type: 'Wait', Seconds: 86_400, End: true } }));

  it('pages newest first, filtered by status, also while executions start and end', async () => {
    for (const name of ['1', '2', '3', '4', '5']) {
      await client.send(new StartExecutionCommand({ stateMachineArn: many, name }));
    }
    stepFunctions.execution(many.replace('stateMachine', 'execution').concat(':4')).stop();
    const names: (string | undefined)[] = [];
    const filter = { stateMachineArn: many, statusFilter: 'RUNNING' } as const;
    for await (const { executions = [] } of paginateListExecutions({ client, pageSize: 2 }, filter)) {
      names.push(...executions.map(({ name }) => name));
      await client.send(new StartExecutionCommand({ stateMachineArn: many, name: `late-${names.length}` }));
      stepFunctions.execution(executions.at(-1)?.executionArn ?? '').stop();
    }
    expect(names).toEqual(['5', '3', '2', '1']);
  });

  it('keeps those apart that were redriven', async () => {
    const command = new ListExecutionsCommand({ stateMachineArn: many, redriveFilter: 'REDRIVEN' });
    expect((await client.send(command)).executions).toEqual([]);
  });

  it('wants a state machine or a Map Run', async () => {
    await expect(client.send(new ListExecutionsCommand({}))).rejects.toThrow('Must provide either');
  });
});

describe('state machines', () => {
  it('are listed and described', async () => {
    const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines.map(({ name }) => name)).toEqual(expect.arrayContaining(['work', 'failing']));
    const command = new DescribeStateMachineCommand({ stateMachineArn: failing });
    expect(await client.send(command)).toMatchObject({
      name: 'failing',
      status: 'ACTIVE',
      type: 'STANDARD',
      roleArn: ROLE_ARN,
      definition: expect.stringContaining('why not'),
    });
  });
});

describe('every other operation', () => {
  it('is refused by name', async () => {
    const command = new CreateActivityCommand({ name: 'a' });
    await expect(client.send(command)).rejects.toThrow('Step Functions CreateActivity is not supported here');
  });
});

describe('IAM is asked', () => {
  const execution = work.replace('stateMachine', 'execution').concat(':e');
  it.each([
    ['StartExecution', { stateMachineArn: work }, work],
    ['ListExecutions', { stateMachineArn: work }, work],
    ['DescribeStateMachine', { stateMachineArn: work }, work],
    ['DescribeExecution', { executionArn: execution }, execution],
    ['GetExecutionHistory', { executionArn: execution }, execution],
    ['StopExecution', { executionArn: execution }, execution],
    ['ListStateMachines', {}, '*'],
    ['CreateActivity', { name: 'a' }, '*'],
  ])('for %s on the right resource', (operation, body, resource) => {
    const request: AwsRequest = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `AWSStepFunctions.${operation}` },
      body: Buffer.from(JSON.stringify(body)),
      principal: { kind: 'administrator' },
    };
    expect(service.authorizations(request)).toEqual([{ action: `states:${operation}`, resource }]);
  });
});
