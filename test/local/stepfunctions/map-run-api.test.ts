import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineForExecutionCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import type { Json } from '../../../local/stepfunctions/json.ts';
import { StepFunctionsService } from '../../../local/stepfunctions/service.ts';
import { childrenOf, mapMachine, mapRunOf, WAIT_THEN_FAIL, withTables } from './distributed-machine.ts';
import { ROLE_ARN, runToEnd, start } from './run-machine.ts';
import { serve } from './serve.ts';

const NONE = {
  pending: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  total: 0,
  resultsWritten: 0,
  failuresNotRedrivable: 0,
  pendingRedrive: 0,
};

/** The real client against an engine whose time stands still but for `pass`. */
async function api() {
  const world = withTables();
  const server = await serve(new StepFunctionsService(world.stepFunctions));
  const client = new SFNClient({
    region: 'us-east-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  });
  let release = () => {};
  const hold = () => void world.clock.holdDuring(() => new Promise<void>((resolve) => (release = resolve)));
  hold();
  return {
    ...world,
    client,
    /** Lets so many seconds pass. */
    async pass(seconds: number) {
      const passed = world.clock.sleep(seconds * 1000);
      release();
      await passed;
      hold();
    },
    async [Symbol.asyncDispose]() {
      release();
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

const MACHINE = mapMachine({ MaxConcurrency: 2, ToleratedFailureCount: 1 }, WAIT_THEN_FAIL);
const ITEMS: Json[] = [{ wait: 10 }, { wait: 1, fail: true }, { wait: 10 }, { wait: 10 }];

describe('the Map Run API', () => {
  test('tells how far a run is, by items and by executions, and how it ended', async () => {
    await using on = await api();
    const execution = start(on.stepFunctions, MACHINE, ITEMS);
    await on.pass(2);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    const describe = () => on.client.send(new DescribeMapRunCommand({ mapRunArn }));
    const running = { ...NONE, pending: 1, running: 2, failed: 1, total: 4 };
    const asked = await describe();
    expect(asked).toMatchObject({
      mapRunArn,
      executionArn: execution.arn,
      status: 'RUNNING',
      startDate: new Date(execution.startDate),
      maxConcurrency: 2,
      toleratedFailureCount: 1,
      toleratedFailurePercentage: 0,
      itemCounts: running,
      executionCounts: running,
      redriveCount: 0,
    });
    expect(asked.stopDate).toBeUndefined();
    await on.pass(30);
    expect(await describe()).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: expect.any(Date),
      itemCounts: { ...NONE, succeeded: 3, failed: 1, total: 4, resultsWritten: 4 },
    });
    const { mapRuns } = await on.client.send(new ListMapRunsCommand({ executionArn: execution.arn }));
    expect(mapRuns).toEqual([
      {
        executionArn: execution.arn,
        mapRunArn,
        stateMachineArn: `${execution.machine.arn}/Rows`,
        startDate: expect.any(Date),
        stopDate: expect.any(Date),
      },
    ]);
  });

  test('counts items and executions apart where they come in batches', async () => {
    await using on = await api();
    const machine = mapMachine({ ItemBatcher: { MaxItemsPerBatch: 3 } });
    const execution = await runToEnd(on.stepFunctions, machine, [1, 2, 3, 4]);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    expect(await on.client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      itemCounts: { succeeded: 4, total: 4 },
      executionCounts: { succeeded: 2, total: 2 },
    });
    const { executions } = await on.client.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions?.map(({ itemCount }) => itemCount)).toEqual([1, 3]);
  });

  test('lists the executions of a run, the newest first, not those that are pending', async () => {
    await using on = await api();
    const execution = start(on.stepFunctions, MACHINE, ITEMS);
    await on.pass(2);
    const { arn: mapRunArn, stateMachineArn } = mapRunOf(on.stepFunctions, execution);
    const list = async (rest: object = {}) =>
      (await on.client.send(new ListExecutionsCommand({ mapRunArn, ...rest }))).executions ?? [];
    const children = childrenOf(on.stepFunctions, execution);
    const listed = await list();
    expect(listed.map(({ executionArn }) => executionArn)).toEqual(
      [children[2], children[1], children[0]].map((child) => child?.arn),
    );
    expect(listed[1]).toMatchObject({
      stateMachineArn,
      name: children[1]?.name,
      status: 'FAILED',
      mapRunArn,
      itemCount: 1,
      redriveCount: 0,
    });
    expect(await list({ statusFilter: 'RUNNING' })).toHaveLength(2);
    expect(await list({ redriveFilter: 'REDRIVEN' })).toEqual([]);
    const ofMachine = await on.client.send(
      new ListExecutionsCommand({ stateMachineArn: execution.machine.arn }),
    );
    expect(ofMachine.executions?.map(({ executionArn }) => executionArn)).toEqual([execution.arn]);
  });

  test('shows those that wait for their redrive', async () => {
    await using on = await api();
    const items = [{ wait: 60 }, { wait: 60 }, { wait: 60 }];
    const execution = start(on.stepFunctions, mapMachine({}, WAIT_THEN_FAIL), items);
    await on.pass(1);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    await on.client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 }));
    execution.stop();
    await on.pass(1);
    on.stepFunctions.redriveExecution(execution.arn);
    await on.pass(1);
    expect(await on.client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      status: 'RUNNING',
      itemCounts: { ...NONE, running: 1, pendingRedrive: 2, total: 3 },
      redriveCount: 1,
      redriveDate: expect.any(Date),
    });
    const waiting = new ListExecutionsCommand({ mapRunArn, statusFilter: 'PENDING_REDRIVE' });
    expect((await on.client.send(waiting)).executions).toHaveLength(2);
    execution.stop();
  });

  test('gives the pages of a list', async () => {
    await using on = await api();
    const execution = await runToEnd(on.stepFunctions, mapMachine(), [1, 2, 3]);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    const first = await on.client.send(new ListExecutionsCommand({ mapRunArn, maxResults: 2 }));
    const second = await on.client.send(
      new ListExecutionsCommand({ mapRunArn, maxResults: 2, nextToken: first.nextToken }),
    );
    const names = [...(first.executions ?? []), ...(second.executions ?? [])].map(({ name }) => name);
    const expected = childrenOf(on.stepFunctions, execution).map((child) => child?.name);
    expect(names).toEqual(expected.reverse());
  });

  test('names the run in the description of an execution, and who redrives it', async () => {
    await using on = await api();
    const execution = start(on.stepFunctions, MACHINE, ITEMS);
    await on.pass(30);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    const [succeeded, failed] = childrenOf(on.stepFunctions, execution).map((child) => child?.arn);
    const describe = (executionArn = '') => on.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(await describe(succeeded)).toMatchObject({
      mapRunArn,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
    const described = await describe(failed);
    expect(described).toMatchObject({ mapRunArn, redriveStatus: 'REDRIVABLE_BY_MAP_RUN' });
    expect(described.redriveStatusReason).toBeUndefined();
    await expect(on.client.send(new RedriveExecutionCommand({ executionArn: failed }))).rejects.toMatchObject(
      {
        name: 'ValidationException',
        message: 'Labeled Execution ARNs are not supported for this API',
      },
    );
  });

  test('gives the machine that such an execution runs', async () => {
    await using on = await api();
    const execution = await runToEnd(on.stepFunctions, mapMachine(), [1]);
    const [child] = childrenOf(on.stepFunctions, execution);
    const machine = await on.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: child?.arn }),
    );
    expect(machine).toMatchObject({
      stateMachineArn: `${execution.machine.arn}/Rows`,
      name: 'machine',
      definition: '{"StartAt":"Item","States":{"Item":{"Type":"Pass","End":true}}}',
      roleArn: ROLE_ARN,
      label: 'Rows',
      mapRunArn: mapRunOf(on.stepFunctions, execution).arn,
    });
  });

  test('stops one execution alone, which counts as a failure', async () => {
    await using on = await api();
    const machine = mapMachine({ ToleratedFailureCount: 1 }, WAIT_THEN_FAIL);
    const execution = start(on.stepFunctions, machine, [{ wait: 60 }, { wait: 60 }]);
    await on.pass(1);
    const [executionArn] = childrenOf(on.stepFunctions, execution).map((child) => child?.arn);
    await on.client.send(new StopExecutionCommand({ executionArn, error: 'Enough' }));
    await on.pass(100);
    expect(execution.status).toBe('SUCCEEDED');
    const { children } = mapRunOf(on.stepFunctions, execution);
    expect(children.map((child) => child.execution?.status)).toEqual(['ABORTED', 'SUCCEEDED']);
  });

  test('changes how many run at once while they run', async () => {
    await using on = await api();
    const machine = mapMachine({ MaxConcurrency: 1 }, WAIT_THEN_FAIL);
    const execution = start(
      on.stepFunctions,
      machine,
      [1, 2, 3, 4].map(() => ({ wait: 60 })),
    );
    await on.pass(1);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    await on.client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 3 }));
    expect(await on.client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      maxConcurrency: 3,
      executionCounts: { running: 3, pending: 1 },
    });
  });

  test('changes how many failures are tolerated: fewer than there are ends the run', async () => {
    await using on = await api();
    const execution = start(on.stepFunctions, MACHINE, ITEMS);
    await on.pass(2);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    await on.client.send(new UpdateMapRunCommand({ mapRunArn, toleratedFailureCount: 0 }));
    await on.pass(30);
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
  });

  test.each([
    [{ maxConcurrency: -1 }, 'ValidationException'],
    [{ toleratedFailurePercentage: 101 }, 'ValidationException'],
    [{ mapRunArn: 'arn:aws:states:us-east-1:123456789012:mapRun:machine/Rows:no' }, 'ResourceNotFound'],
    [{ mapRunArn: 'arn:aws:states:us-east-1:123456789012:mapRun:machine' }, 'InvalidArn'],
  ])('refuses %j by name', async (rest, name) => {
    await using on = await api();
    const execution = start(on.stepFunctions, MACHINE, ITEMS);
    await on.pass(2);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    const update = new UpdateMapRunCommand({ mapRunArn, ...rest });
    await expect(on.client.send(update)).rejects.toMatchObject({ name });
  });

  test('refuses to change a run that has ended', async () => {
    await using on = await api();
    const execution = await runToEnd(on.stepFunctions, mapMachine(), [1]);
    const { arn: mapRunArn } = mapRunOf(on.stepFunctions, execution);
    const update = new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 });
    await expect(on.client.send(update)).rejects.toThrow('SUCCEEDED and cannot be updated');
  });
});
