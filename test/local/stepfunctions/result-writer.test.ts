import { AwsError } from '../../../local/aws.ts';
import type { Json } from '../../../local/stepfunctions/json.ts';
import {
  childrenOf,
  mapMachine,
  mapRunOf,
  outputOf,
  WAIT_THEN_FAIL,
  withTables,
  writer,
} from './distributed-machine.ts';
import { runToEnd, start } from './run-machine.ts';

/** Gives a pair for every item. */
const PAIR = { Pair: { Type: 'Pass', Output: '{% [$states.input, {"copy": $states.input}] %}', End: true } };

/** The files under `s3://results`, by their names below the folder of the run. */
function filesOf(texts: ReadonlyMap<string, string>): Record<string, string> {
  const files = [...texts].filter(([name]) => name.startsWith('results/'));
  return Object.fromEntries(files.map(([name, text]) => [name.replace(/^results\/out\/[^/]+\//, ''), text]));
}

async function write(config: object | undefined, items: Json[], states: object, rest: object = {}) {
  const { stepFunctions, texts } = withTables();
  const machine = mapMachine({ ResultWriter: writer(config), ...rest }, states);
  const execution = await runToEnd(stepFunctions, machine, items);
  return { stepFunctions, execution, files: filesOf(texts), texts };
}

describe('a ResultWriter', () => {
  test('gives where the manifest is, which names the files and their bytes', async () => {
    const { execution, stepFunctions, texts } = await write(undefined, [10], PAIR);
    const { arn } = mapRunOf(stepFunctions, execution);
    const folder = `out/${arn.split(':').at(-1)}`;
    const Key = `${folder}/manifest.json`;
    expect(outputOf(execution)).toEqual({
      MapRunArn: arn,
      ResultWriterDetails: { Bucket: 'results', Key },
    });
    const text = texts.get(`results/${folder}/SUCCEEDED_0.json`) ?? '';
    expect(texts.get(`results/${Key}`)).toBe(
      JSON.stringify({
        DestinationBucket: 'results',
        MapRunArn: arn,
        ResultFiles: {
          FAILED: [],
          PENDING: [],
          SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: Buffer.byteLength(text) }],
        },
      }),
    );
  });

  test('writes what an execution was, with its input and output as texts, by default', async () => {
    const { execution, stepFunctions, files } = await write(undefined, [10], PAIR);
    const [child] = childrenOf(stepFunctions, execution);
    expect(files['SUCCEEDED_0.json']).toBe(
      JSON.stringify([
        {
          ExecutionArn: child?.arn,
          Input: '10',
          InputDetails: { Included: true },
          Name: child?.name,
          Output: '[10,{"copy":10}]',
          OutputDetails: { Included: true },
          RedriveCount: 0,
          RedriveStatus: 'NOT_REDRIVABLE',
          RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
          StartDate: '2026-01-01T00:00:00.000Z',
          StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:machine/Rows',
          Status: 'SUCCEEDED',
          StopDate: '2026-01-01T00:00:00.000Z',
        },
      ]),
    );
  });

  test.each([
    ['COMPACT', 'JSON', 'SUCCEEDED_0.json', '[[10,{"copy":10}],[20,{"copy":20}]]'],
    ['COMPACT', 'JSONL', 'SUCCEEDED_0.jsonl', '[10,{"copy":10}]\n[20,{"copy":20}]\n'],
    ['FLATTEN', 'JSON', 'SUCCEEDED_0.json', '[10,{"copy":10},20,{"copy":20}]'],
    ['FLATTEN', 'JSONL', 'SUCCEEDED_0.jsonl', '10\n{"copy":10}\n20\n{"copy":20}\n'],
  ])('writes %s as %s', async (Transformation, OutputType, name, text) => {
    const { files } = await write({ Transformation, OutputType }, [10, 20], PAIR);
    expect(files[name]).toBe(text);
  });

  test('writes failed and pending ones where the run fails too, whatever the transformation', async () => {
    const items = [
      { wait: 1, fail: true },
      { wait: 1, fail: false },
      { wait: 1, fail: false },
    ];
    const config = { Transformation: 'COMPACT', OutputType: 'JSON' };
    const { execution, stepFunctions, files } = await write(config, items, WAIT_THEN_FAIL, {
      MaxConcurrency: 1,
    });
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    const [failed] = childrenOf(stepFunctions, execution);
    expect(JSON.parse(files['FAILED_0.json'] ?? '')).toEqual([
      {
        Cause: 'on purpose',
        Error: 'ItemFailed',
        ExecutionArn: failed?.arn,
        Input: '{"wait":1,"fail":true}',
        InputDetails: { Included: true },
        Name: failed?.name,
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: 'REDRIVABLE_BY_MAP_RUN',
        StartDate: expect.any(String),
        StateMachineArn: failed?.machine.arn,
        Status: 'FAILED',
        StopDate: expect.any(String),
      },
    ]);
    expect(JSON.parse(files['PENDING_0.json'] ?? '')).toEqual([
      { Input: '{"wait":1,"fail":false}', InputDetails: { Included: true }, Status: 'PENDING' },
    ]);
    expect(JSON.parse(files['SUCCEEDED_0.json'] ?? '')).toEqual([items[1]]);
    expect(JSON.parse(files['manifest.json'] ?? '').ResultFiles).toMatchObject({
      FAILED: [{ Key: expect.stringContaining('FAILED_0.json') }],
      PENDING: [{ Key: expect.stringContaining('PENDING_0.json') }],
    });
  });

  test('writes what a stopped run has, its stopped executions among the failed ones', async () => {
    const { stepFunctions, texts, clock } = withTables();
    const machine = mapMachine({ ResultWriter: writer(), MaxConcurrency: 1 }, WAIT_THEN_FAIL);
    const execution = start(stepFunctions, machine, [{ wait: 1 }, { wait: 60 }, { wait: 1 }]);
    await clock.sleep(5000);
    execution.stop();
    await clock.sleep(1);
    const files = filesOf(texts);
    expect(JSON.parse(files['FAILED_0.json'] ?? '')).toMatchObject([{ Status: 'ABORTED' }]);
    expect(Object.keys(files)).toEqual([
      'SUCCEEDED_0.json',
      'FAILED_0.json',
      'PENDING_0.json',
      'manifest.json',
    ]);
  });

  test('fails the run where S3 does not take the results', async () => {
    const { stepFunctions } = withTables({}, undefined, {
      putObject: () => Promise.reject(new AwsError('AccessDenied', 'Access Denied', 403)),
    });
    const execution = await runToEnd(stepFunctions, mapMachine({ ResultWriter: writer() }), [1]);
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.ResultWriterFailed',
      cause: expect.stringContaining('Access Denied'),
    });
  });

  test.each([
    ['NONE', [{ Status: 'SUCCEEDED', Output: '[10,{"copy":10}]' }]],
    ['COMPACT', [[10, { copy: 10 }]]],
    ['FLATTEN', [10, { copy: 10 }]],
  ])('without a bucket gives the results as the output: %s', async (Transformation, output) => {
    const { stepFunctions } = withTables();
    const ResultWriter = { WriterConfig: { Transformation, OutputType: 'JSON' } };
    const execution = await runToEnd(stepFunctions, mapMachine({ ResultWriter }, PAIR), [10]);
    expect(outputOf(execution)).toMatchObject(output);
  });
});
