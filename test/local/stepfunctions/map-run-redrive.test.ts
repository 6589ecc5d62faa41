import { AwsError } from '../../../local/aws.ts';
import type { Json } from '../../../local/stepfunctions/json.ts';
import { lambdaFunctionError } from '../../../local/stepfunctions/task-error.ts';
import type { LambdaInvocation, TaskServices } from '../../../local/stepfunctions/task-services.ts';
import {
  childrenOf,
  distributedMap,
  mapMachine,
  mapRunOf,
  outputOf,
  reader,
  WORK,
  withTables,
  writer,
} from './distributed-machine.ts';
import { eventTypes, jsonataMachine, runToEnd, start } from './run-machine.ts';

/** Waits as long as an item says, then gives it, unless it is among the broken ones. */
const WAIT_THEN_WORK = {
  Wait: { Type: 'Wait', Seconds: '{% $states.input.wait %}', Next: 'Work' },
  ...WORK,
};

const ITEMS: Json[] = [
  { n: 0, wait: 0 },
  { n: 1, wait: 8 },
  { n: 2, wait: 60 },
  { n: 3, wait: 0 },
  { n: 4, wait: 0 },
];

/** A run in which `n: 1` fails until it is mended: two at once, so that all but one failed, ran or are pending. */
function world(services: Partial<TaskServices> = {}) {
  const broken = new Set([1]);
  const calls: number[] = [];
  const work = async ({ payload }: LambdaInvocation): Promise<Json> => {
    const { n } = payload as { n: number };
    calls.push(n);
    if (broken.has(n)) throw lambdaFunctionError({ errorType: 'Broken', errorMessage: `${n}`, trace: [] });
    return n;
  };
  return { broken, calls, ...withTables({ 'rows.json': JSON.stringify(ITEMS) }, work, services) };
}

const MACHINE = mapMachine({ MaxConcurrency: 2, ResultWriter: writer() }, WAIT_THEN_WORK);

describe('a redrive of an execution whose Map Run failed', () => {
  test('runs what failed, was stopped or is pending, in the same run, and nothing else again', async () => {
    const { stepFunctions, broken, calls } = world();
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    const before = childrenOf(stepFunctions, execution);
    expect(before.map((child) => child?.status)).toEqual([
      'SUCCEEDED',
      'FAILED',
      'ABORTED',
      'SUCCEEDED',
      undefined,
    ]);
    expect(execution.notRedrivableReason).toBeUndefined();
    const mapRun = mapRunOf(stepFunctions, execution);
    broken.clear();
    calls.length = 0;
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect(calls.sort()).toEqual([1, 2, 4]);
    expect(stepFunctions.mapRuns.of(execution.arn)).toEqual([mapRun]);
    expect(mapRun).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    const after = childrenOf(stepFunctions, execution);
    expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
    expect(after.map((child) => child?.redriveCount)).toEqual([0, 1, 1, 0, 0]);
    expect(after.every((child) => child?.status === 'SUCCEEDED')).toBe(true);
  });

  test('shows it in the history: MapRunRedriven follows MapStateStarted', async () => {
    const { stepFunctions, broken } = world();
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    broken.clear();
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    const { arn: mapRunArn } = mapRunOf(stepFunctions, execution);
    expect(execution.events.slice(6)).toMatchObject([
      { id: 7, previousEventId: 6, type: 'ExecutionFailed' },
      { id: 8, previousEventId: 7, type: 'ExecutionRedriven' },
      {
        id: 9,
        previousEventId: 3,
        type: 'MapRunRedriven',
        mapRunRedrivenEventDetails: { mapRunArn, redriveCount: 1 },
      },
      { id: 10, previousEventId: 9, type: 'MapRunSucceeded' },
      { id: 11, previousEventId: 10, type: 'MapStateSucceeded' },
      { id: 12, previousEventId: 9, type: 'MapStateExited' },
      { id: 13, previousEventId: 12, type: 'ExecutionSucceeded' },
    ]);
  });

  test('lets a stopped execution go on in the state that it was in', async () => {
    const { stepFunctions, broken, clock } = world();
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    const begin = clock.now();
    broken.clear();
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    const [, , stopped] = childrenOf(stepFunctions, execution);
    expect(clock.now() - begin).toBe(60_000);
    expect(stopped?.events.slice(1, 5)).toMatchObject([
      { id: 2, previousEventId: 0, type: 'WaitStateEntered' },
      { id: 3, previousEventId: 0, type: 'ExecutionAborted' },
      { id: 4, previousEventId: 3, type: 'ExecutionRedriven' },
      { id: 5, previousEventId: 2, type: 'WaitStateExited' },
    ]);
  });

  test('writes its results beside those before it, and a manifest of all', async () => {
    const { stepFunctions, broken, texts } = world();
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    broken.clear();
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    const folder = `out/${mapRunOf(stepFunctions, execution).arn.split(':').at(-1)}`;
    const Key = `${folder}/Redrive-1/manifest.json`;
    expect(outputOf(execution)).toMatchObject({ ResultWriterDetails: { Bucket: 'results', Key } });
    const read = (key: string) => JSON.parse(texts.get(`results/${key}`) ?? 'null');
    expect(read(Key).ResultFiles).toMatchObject({
      FAILED: [],
      PENDING: [],
      SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json` }, { Key: `${folder}/Redrive-1/SUCCEEDED_0.json` }],
    });
    const outputs = (key: string) => read(key).map(({ Output }: { Output: string }) => Output);
    expect(outputs(`${folder}/SUCCEEDED_0.json`)).toEqual(['0', '3']);
    expect(outputs(`${folder}/Redrive-1/SUCCEEDED_0.json`)).toEqual(['1', '2', '4']);
  });

  test('can fail again and be redriven again', async () => {
    const { stepFunctions, broken } = world();
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    broken.clear();
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect(mapRunOf(stepFunctions, execution).redriveCount).toBe(2);
    expect(eventTypes(execution).filter((type) => type === 'MapRunRedriven')).toHaveLength(2);
  });

  test('goes on after it was stopped', async () => {
    const { stepFunctions, broken, clock } = world();
    broken.clear();
    const execution = start(stepFunctions, MACHINE, ITEMS);
    await clock.sleep(5000);
    execution.stop();
    await clock.sleep(1);
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect(childrenOf(stepFunctions, execution).map((child) => child?.status)).toEqual(
      ITEMS.map(() => 'SUCCEEDED'),
    );
  });

  test('fails, and changes no execution, where the role may not redrive them', async () => {
    const denied = new AwsError('AccessDeniedException', 'User: x is not authorized', 403);
    const { stepFunctions, broken } = world({
      authorize(_caller, { action }) {
        if (action === 'states:RedriveExecution') throw denied;
      },
    });
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    const before = childrenOf(stepFunctions, execution).map((child) => child?.status);
    broken.clear();
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringMatching(
        /^Error contacting AWS Service. \| Message from Service: User: x is not authorized \(Service: Sfn/,
      ),
    });
    expect(eventTypes(execution).slice(-3)).toEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
    expect(childrenOf(stepFunctions, execution).map((child) => child?.status)).toEqual(before);
  });

  test('reads the items where they could not be read', async () => {
    let isThere = false;
    const { stepFunctions } = world({
      async getObject() {
        if (!isThere) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
        return Buffer.from('[{"n":7,"wait":0}]');
      },
    });
    const ItemReader = reader('rows.json', { InputType: 'JSON' });
    const execution = await runToEnd(stepFunctions, mapMachine({ ItemReader }, WAIT_THEN_WORK));
    expect(execution.error).toBe('States.ItemReaderFailed');
    isThere = true;
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(outputOf(execution)).toEqual([7]);
  });

  test('writes the results where they could not be written, and runs nothing again', async () => {
    let isClosed = true;
    const { stepFunctions, calls, broken } = world({
      async putObject() {
        if (isClosed) throw new AwsError('AccessDenied', 'Access Denied', 403);
      },
    });
    broken.clear();
    const execution = await runToEnd(stepFunctions, MACHINE, ITEMS);
    expect(execution.error).toBe('States.ResultWriterFailed');
    const ran = calls.length;
    isClosed = false;
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect(calls).toHaveLength(ran);
  });

  test('begins a new run where the results were too large for the state', async () => {
    const { stepFunctions, broken } = world();
    broken.clear();
    const states = { Large: { Type: 'Pass', Output: '{% $pad("", 150000, "x") %}', End: true } };
    const execution = await runToEnd(stepFunctions, mapMachine({}, states), [1, 2]);
    expect(execution.error).toBe('States.DataLimitExceeded');
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(stepFunctions.mapRuns.of(execution.arn).map(({ redriveCount }) => redriveCount)).toEqual([0, 0]);
  });

  test('redrives the runs within its executions', async () => {
    const { stepFunctions, broken, calls } = world();
    const inner = { Inner: distributedMap({ Label: 'Inner', MaxConcurrency: 2 }, WAIT_THEN_WORK) };
    const execution = await runToEnd(stepFunctions, mapMachine({}, inner), [ITEMS]);
    expect(execution.status).toBe('FAILED');
    broken.clear();
    calls.length = 0;
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(outputOf(execution)).toEqual([[0, 1, 2, 3, 4]]);
    expect(calls.sort()).toEqual([1, 2, 4]);
  });

  test('does not go on with the Map Run of an earlier visit', async () => {
    const { stepFunctions, broken } = world();
    broken.clear();
    const states = {
      Map: distributedMap({ Next: 'Fail', End: undefined }),
      Fail: { Type: 'Fail', Error: 'After' },
    };
    const execution = await runToEnd(stepFunctions, jsonataMachine('Map', states), [1]);
    stepFunctions.redriveExecution(execution.arn);
    await execution.ended;
    expect(eventTypes(execution).slice(-3)).toEqual([
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
    expect(mapRunOf(stepFunctions, execution).redriveCount).toBe(0);
  });
});
