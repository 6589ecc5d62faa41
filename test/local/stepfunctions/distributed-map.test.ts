import type { Json } from '../../../local/stepfunctions/json.ts';
import type { ExecutionStatusChange } from '../../../local/stepfunctions/status-change.ts';
import {
  childrenOf,
  distributedMap,
  mapMachine,
  mapRunOf,
  outputOf,
  reader,
  WAIT_THEN_FAIL,
  WORK,
  withTables,
} from './distributed-machine.ts';
import { eventTypes, jsonataMachine, ROLE_ARN, runToEnd, start } from './run-machine.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Runs the Map over items that wait and fail as they say. */
async function runItems(items: Json[], rest: object = {}) {
  const { stepFunctions, clock, texts } = withTables();
  const begin = clock.now();
  const execution = await runToEnd(stepFunctions, mapMachine(rest, WAIT_THEN_FAIL), items);
  const statuses = childrenOf(stepFunctions, execution).map((child) => child?.status);
  return { execution, statuses, stepFunctions, texts, seconds: (clock.now() - begin) / 1000 };
}

describe('a distributed Map', () => {
  test('shows its Map Run in the history, not its items, and what follows follows MapRunStarted', async () => {
    const { stepFunctions } = withTables();
    const machine = jsonataMachine('Map', {
      Map: distributedMap({ Next: 'After', End: undefined }),
      After: { Type: 'Succeed' },
    });
    const execution = await runToEnd(stepFunctions, machine, ['a', 'b']);
    expect(execution.events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'MapStateEntered'],
      [3, 2, 'MapStateStarted'],
      [4, 3, 'MapRunStarted'],
      [5, 4, 'MapRunSucceeded'],
      [6, 5, 'MapStateSucceeded'],
      [7, 4, 'MapStateExited'],
      [8, 7, 'SucceedStateEntered'],
      [9, 8, 'SucceedStateExited'],
      [10, 9, 'ExecutionSucceeded'],
    ]);
    expect(execution.events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } });
    const arn = `^arn:aws:states:us-east-1:123456789012:mapRun:machine/Rows:${UUID}$`;
    expect(execution.events[3]).toMatchObject({
      mapRunStartedEventDetails: { mapRunArn: expect.stringMatching(arn) },
    });
    expect(outputOf(execution)).toEqual(['a', 'b']);
  });

  test('says a length of 0 where the items are read', async () => {
    const { stepFunctions } = withTables({ 'rows.jsonl': '1\n2\n' });
    const machine = mapMachine({ ItemReader: reader('rows.jsonl', { InputType: 'JSONL' }) });
    const execution = await runToEnd(stepFunctions, machine);
    expect(execution.events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 0 } });
    expect(outputOf(execution)).toEqual([1, 2]);
  });

  test('runs each item as an execution of its own, with its own history, name and context', async () => {
    const { stepFunctions } = withTables();
    const states = { Context: { Type: 'Pass', Output: '{% $states.context %}', End: true } };
    const execution = await runToEnd(stepFunctions, mapMachine({}, states), [{ n: 1 }]);
    const [child] = childrenOf(stepFunctions, execution);
    const prefix = 'arn:aws:states:us-east-1:123456789012';
    expect(child?.arn).toMatch(new RegExp(`^${prefix}:execution:machine/Rows:${UUID}$`));
    expect(outputOf(execution)).toEqual([
      {
        Execution: {
          Id: child?.arn,
          Input: { n: 1 },
          StartTime: expect.any(String),
          Name: child?.name,
          RoleArn: ROLE_ARN,
          RedriveCount: 0,
        },
        StateMachine: { Id: `${prefix}:stateMachine:machine/Rows`, Name: 'machine' },
        State: { Name: 'Context', EnteredTime: expect.any(String) },
      },
    ]);
    expect(eventTypes(child as NonNullable<typeof child>)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('names a Map without a label by a UUID that stays the same from run to run', async () => {
    const { stepFunctions } = withTables();
    const machine = mapMachine({ Label: undefined });
    const [first, second] = [
      await runToEnd(stepFunctions, machine, [1]),
      await runToEnd(stepFunctions, machine, [1]),
    ].map((execution) => mapRunOf(stepFunctions, execution).arn.split(/[/:]/).slice(-2));
    expect(first?.[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-3/);
    expect(second?.[0]).toBe(first?.[0]);
    expect(second?.[1]).not.toBe(first?.[1]);
  });

  test('sees the item, its index and its source in ItemSelector, and the input of the Map', async () => {
    const { stepFunctions } = withTables({ 'rows.json': '["x","y"]' });
    const ItemSelector = {
      item: '{% $states.context.Map.Item %}',
      of: '{% $states.input.of %}',
      parent: '{% $states.context.Execution.Id %}',
      text: '$of',
    };
    const read = mapMachine({ ItemSelector, ItemReader: reader('rows.json', { InputType: 'JSON' }) });
    const execution = await runToEnd(stepFunctions, read, { of: 'input' });
    const rest = { of: 'input', parent: execution.arn, text: '$of' };
    expect(outputOf(execution)).toEqual([
      { item: { Index: 0, Value: 'x', Source: 's3://tables/rows.json' }, ...rest },
      { item: { Index: 1, Value: 'y', Source: 's3://tables/rows.json' }, ...rest },
    ]);
    const given = mapMachine({ Items: ['z'], ItemSelector: '{% $states.context.Map.Item.Source %}' });
    expect(outputOf(await runToEnd(stepFunctions, given))).toEqual(['STATE_DATA']);
  });

  test('batches the selected items by their number, counting through all batches', async () => {
    const { stepFunctions } = withTables();
    const machine = mapMachine({
      ItemSelector: { i: '{% $states.context.Map.Item.Index %}' },
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { at: '{% $states.context.State.Name %}' } },
    });
    const execution = await runToEnd(stepFunctions, machine, ['a', 'b', 'c']);
    expect(outputOf(execution)).toEqual([
      { BatchInput: { at: 'Map' }, Items: [{ i: 0 }, { i: 1 }] },
      { BatchInput: { at: 'Map' }, Items: [{ i: 2 }] },
    ]);
    expect(childrenOf(stepFunctions, execution)[1]?.inputText).toBe(
      '{"BatchInput":{"at":"Map"},"Items":[{"i":2}]}',
    );
  });

  test('batches by the bytes of the input, and an item that is too large alone', async () => {
    const { stepFunctions } = withTables();
    const bytes = JSON.stringify({ Items: ['aaaa', 'bbbb'] }).length;
    const machine = mapMachine({ ItemBatcher: { MaxInputBytesPerBatch: bytes } });
    const items = ['aaaa', 'bbbb', 'c', 'd'.repeat(50), 'e'];
    expect(outputOf(await runToEnd(stepFunctions, machine, items))).toEqual([
      { Items: ['aaaa', 'bbbb'] },
      { Items: ['c'] },
      { Items: ['d'.repeat(50)] },
      { Items: ['e'] },
    ]);
  });

  test('runs no more at once than MaxConcurrency, in the order of the items', async () => {
    const items = [1, 1, 1, 1, 1].map((wait) => ({ wait }));
    const { stepFunctions, execution, seconds } = await runItems(items, { MaxConcurrency: 2 });
    expect(seconds).toBe(3);
    const starts = childrenOf(stepFunctions, execution).map((child) => Number(child?.startDate));
    expect(starts.map((date) => (date - (starts[0] ?? 0)) / 1000)).toEqual([0, 0, 1, 1, 2]);
    expect((await runItems(items)).seconds).toBe(1);
  });

  test('takes no item as well', async () => {
    expect((await runItems([])).execution).toMatchObject({ status: 'SUCCEEDED', outputText: '[]' });
  });

  test('runs within an execution of another one, which alone shows it', async () => {
    const { stepFunctions } = withTables();
    const inner = { Inner: distributedMap({ Label: 'Inner' }) };
    const execution = await runToEnd(stepFunctions, mapMachine({}, inner), [[1, 2], [3]]);
    expect(outputOf(execution)).toEqual([[1, 2], [3]]);
    expect(eventTypes(execution).filter((type) => type === 'MapRunStarted')).toHaveLength(1);
    const [child] = childrenOf(stepFunctions, execution);
    expect(eventTypes(child as NonNullable<typeof child>)).toContain('MapRunStarted');
    expect(mapRunOf(stepFunctions, child as NonNullable<typeof child>).arn).toContain(
      ':mapRun:machine/Inner:',
    );
  });

  test('calls functions with the role of the machine, in the name of the child', async () => {
    const callers: string[] = [];
    const { stepFunctions } = withTables({}, async ({ caller, payload }) => {
      callers.push(`${caller.roleArn} ${caller.executionArn.split(':')[6]}`);
      return payload;
    });
    expect(outputOf(await runToEnd(stepFunctions, mapMachine({}, WORK), ['a']))).toEqual(['a']);
    expect(callers).toEqual([`${ROLE_ARN} machine/Rows`]);
  });
});

describe('a distributed Map with failures', () => {
  const items = [
    { wait: 1, fail: true },
    { wait: 2, fail: false },
    { wait: 30, fail: false },
    { wait: 1, fail: false },
  ];

  test('fails with the error of the threshold, in the history and of the execution', async () => {
    const { execution } = await runItems(items);
    const error = 'States.ExceedToleratedFailureThreshold';
    const cause = 'The specified tolerated failure threshold was exceeded';
    expect(execution).toMatchObject({ status: 'FAILED', error, cause });
    expect(execution.events.slice(3)).toMatchObject([
      { id: 4, previousEventId: 3, type: 'MapRunStarted' },
      { id: 5, previousEventId: 4, type: 'MapRunFailed', mapRunFailedEventDetails: { error, cause } },
      { id: 6, previousEventId: 5, type: 'MapStateFailed' },
      { id: 7, previousEventId: 6, type: 'ExecutionFailed' },
    ]);
  });

  test('starts one more in the place of what failed, aborts what still runs, and leaves the rest pending', async () => {
    const { statuses } = await runItems([...items, { wait: 1 }, { wait: 1 }], { MaxConcurrency: 3 });
    expect(statuses).toEqual(['FAILED', 'SUCCEEDED', 'ABORTED', 'SUCCEEDED', undefined, undefined]);
  });

  test('aborts with a cause that names the run, following no event', async () => {
    const { execution, stepFunctions } = await runItems(items);
    const [, , aborted] = childrenOf(stepFunctions, execution);
    const { arn } = mapRunOf(stepFunctions, execution);
    const cause = `The map run execution [${arn}] which was managing this resource was aborted`;
    expect(aborted?.events.at(-1)).toMatchObject({
      previousEventId: 0,
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { cause },
    });
    expect(eventTypes(aborted as NonNullable<typeof aborted>)).not.toContain('WaitStateAborted');
  });

  test.each([
    ['as many failures as are tolerated', { ToleratedFailureCount: 1 }, 'SUCCEEDED'],
    ['a share of all items', { ToleratedFailurePercentage: 25 }, 'SUCCEEDED'],
    ['a fraction of a percent', { ToleratedFailurePercentage: 24.9 }, 'FAILED'],
    ['either limit', { ToleratedFailureCount: 3, ToleratedFailurePercentage: 10 }, 'FAILED'],
    ['limits by expression', { ToleratedFailureCount: '{% 2 - 1 %}' }, 'SUCCEEDED'],
  ])('counts %s', async (_what, limits, status) => {
    expect((await runItems(items, limits)).execution.status).toBe(status);
  });

  test('counts the items of a failed batch', async () => {
    const { stepFunctions } = withTables();
    const states = { Fail: { Type: 'Fail', Error: 'Batch' } };
    const run = (ToleratedFailureCount: number) =>
      runToEnd(
        stepFunctions,
        mapMachine({ ItemBatcher: { MaxItemsPerBatch: 2 }, ToleratedFailureCount }, states),
        [1, 2],
      );
    expect((await run(1)).status).toBe('FAILED');
    expect((await run(2)).status).toBe('SUCCEEDED');
  });

  test('shows nothing of a tolerated failure in its history, and what failed in its output', async () => {
    const { execution } = await runItems(items, { ToleratedFailureCount: 1 });
    expect(eventTypes(execution).some((type) => type.includes('Failed'))).toBe(false);
    expect(outputOf(execution)).toMatchObject([
      { Status: 'FAILED', Error: 'ItemFailed', Input: '{"wait":1,"fail":true}' },
      items[1],
      items[2],
      items[3],
    ]);
  });

  test('can be caught and retried, each time with a new run of all items', async () => {
    const Retry = [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], MaxAttempts: 1 }];
    const machine = jsonataMachine('Map', {
      Map: distributedMap(
        { Retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] },
        WAIT_THEN_FAIL,
      ),
      Caught: { Type: 'Pass', End: true },
    });
    const { stepFunctions } = withTables();
    const execution = await runToEnd(stepFunctions, machine, [{ wait: 1, fail: true }]);
    expect(execution.status).toBe('SUCCEEDED');
    expect(eventTypes(execution).filter((type) => /^Map(Run|State)/.test(type))).toEqual([
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'MapStateExited',
    ]);
    expect(stepFunctions.mapRuns.of(execution.arn)).toHaveLength(2);
  });

  test.each([
    [{ ToleratedFailureCount: '{% -1 %}' }, 'ToleratedFailureCount cannot be negative.'],
    [{ ToleratedFailurePercentage: '{% 100.1 %}' }, 'ToleratedFailurePercentage must be between 0 and 100.'],
    [{ ToleratedFailureCount: '{% 1.5 %}' }, 'value "1.5" which is not a valid integer'],
  ])('refuses %j before the run, with no event but the end', async (rest, problem) => {
    const { stepFunctions } = withTables();
    const execution = await runToEnd(stepFunctions, mapMachine(rest), [1]);
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining(problem),
    });
    expect(execution.cause).toContain("executing the state 'Map' (entered at the event id #2). ");
    expect(eventTypes(execution).slice(1)).toEqual(['MapStateEntered', 'MapStateStarted', 'ExecutionFailed']);
  });

  test('fails where an item is more than an execution can take', async () => {
    const { stepFunctions } = withTables();
    const machine = mapMachine({ Items: '{% ["a", $pad("", 262143, "x")] %}' });
    expect(await runToEnd(stepFunctions, machine)).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: expect.stringContaining('index 1'),
    });
  });
});

describe('the changes of status that others hear of', () => {
  test('are those of the executions of a Map Run too, under their own machine', async () => {
    const { stepFunctions } = withTables();
    const changes: ExecutionStatusChange[] = [];
    stepFunctions.onStatusChange((change) => changes.push(change));
    const machine = mapMachine({}, WAIT_THEN_FAIL);
    const execution = await runToEnd(stepFunctions, machine, [{ wait: 1, fail: true }]);
    const [child] = childrenOf(stepFunctions, execution);
    expect(changes.map(({ executionArn, status }) => [executionArn, status])).toEqual([
      [execution.arn, 'RUNNING'],
      [child?.arn, 'RUNNING'],
      [child?.arn, 'FAILED'],
      [execution.arn, 'FAILED'],
    ]);
    expect(changes[2]).toMatchObject({
      stateMachineArn: `${execution.machine.arn}/Rows`,
      name: child?.name,
      input: '{"wait":1,"fail":true}',
      error: 'ItemFailed',
      redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
      redriveStatusReason: null,
    });
  });
});

describe('the end of an execution with a Map Run under way', () => {
  const items = [{ wait: 60 }, { wait: 60 }, { wait: 60 }];

  test('stops what runs and starts nothing more', async () => {
    const { stepFunctions, clock } = withTables();
    const execution = start(stepFunctions, mapMachine({ MaxConcurrency: 2 }, WAIT_THEN_FAIL), items);
    await clock.sleep(10_000);
    execution.stop('Enough', 'by hand');
    await clock.sleep(100_000);
    const children = childrenOf(stepFunctions, execution);
    expect(children.map((child) => child?.status)).toEqual(['ABORTED', 'ABORTED', undefined]);
    expect(mapRunOf(stepFunctions, execution).status).toBe('ABORTED');
    expect(eventTypes(execution).slice(-3)).toEqual(['MapRunAborted', 'MapStateAborted', 'ExecutionAborted']);
  });

  test('does so when its time is up', async () => {
    const { stepFunctions, clock } = withTables();
    const machine = jsonataMachine(
      'Map',
      { Map: distributedMap({}, WAIT_THEN_FAIL) },
      { TimeoutSeconds: 20 },
    );
    const execution = await runToEnd(stepFunctions, machine, items);
    await clock.sleep(1);
    expect(execution.status).toBe('TIMED_OUT');
    expect(childrenOf(stepFunctions, execution).map((child) => child?.status)).toEqual([
      'ABORTED',
      'ABORTED',
      'ABORTED',
    ]);
  });
});
