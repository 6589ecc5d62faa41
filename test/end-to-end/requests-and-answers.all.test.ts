import { readFileSync } from 'node:fs';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { type ExecutionEnd, followExecution } from '../../cli/follow-execution.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import { type Launched, launch } from '../../local/launch.ts';
import type { FailureCause } from '../../statemachine/contract.ts';

jest.setTimeout(600_000);

let machine: Launched;
let sfn: SFNClient;
let stateMachineArn: string;

beforeAll(async () => {
  machine = await launch();
  sfn = new SFNClient(machine.clientConfig);
  stateMachineArn = machine.stack.outputs.StateMachineArn ?? '';
});
afterAll(() => machine?.stop());

/** A few frames of the example, small. */
const render = {
  composition: 'HelloWorld',
  codec: 'h264',
  inputProps: { durationInSeconds: 1 },
  frameRange: [0, 9],
  framesPerLambda: 10,
  scale: 0.25,
};
/** Stands for where the sites are, which is known when the machine runs. */
const SITES = 'SITES';
const words = (count: number) => Array.from({ length: count }, () => 'ab');

interface Ended extends ExecutionEnd {
  readonly seconds: number;
}

async function run(jobId: string, options: object): Promise<Ended> {
  const begin = Date.now();
  const request = { jobId, render: { ...render, ...options } };
  const executionArn = await startByRequest(sfn, stateMachineArn, request);
  const end = await followExecution(sfn, executionArn, () => {}, 100);
  return { ...end, seconds: (Date.now() - begin) / 1000 };
}
const causeOf = ({ cause }: ExecutionEnd): FailureCause => JSON.parse(cause ?? '');

describe('props are rendered', () => {
  test('inline, also when they are 190 KB of quotes, which make a payload that is too large', async () => {
    const inputProps = { durationInSeconds: 1, title: 'x', words: words(38_000) };
    expect(JSON.stringify(inputProps).length).toBeGreaterThan(190_000);
    await expect(run('quotes', { inputProps })).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  test.each([
    ['190 KB of quotes', 38_000],
    ['5 MB', 1_000_000],
  ])('from an object, when it has %s', async (name, count) => {
    const Key = `input-props/${count}.json`;
    const props = JSON.stringify({ durationInSeconds: 1, title: name, words: words(count) });
    await new S3Client(machine.clientConfig).send(
      new PutObjectCommand({ Bucket: machine.remotionBucketName, Key, Body: props }),
    );
    const inputPropsUri = `s3://${machine.remotionBucketName}/${Key}`;
    await expect(run(`object-${count}`, { inputProps: undefined, inputPropsUri })).resolves.toMatchObject({
      status: 'SUCCEEDED',
    });
  });
});

test("no function has printed anything of the props, Remotion's own neither", () => {
  const lines = readFileSync(machine.logFile, 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.filter((line) => line.includes('"ab') || line.includes('\\"ab') || /'ab'/.test(line))).toEqual(
    [],
  );
});

describe('a request that can never succeed ends within seconds, and its corrected one has the jobId', () => {
  test.each([
    [
      'a site that is a local file',
      { serveUrl: 'src/index.ts' },
      'InvalidRenderRequest',
      'It seems like you passed a local file',
    ],
    [
      'a scale that is too large',
      { scale: 100 },
      'RenderFailed',
      '"scale" must be smaller or equal than 16, but is 100',
    ],
    [
      'a composition that is not there',
      { composition: 'Missing' },
      'RenderFailed',
      'Could not find composition with ID Missing',
    ],
    [
      'a site that is not there',
      { serveUrl: `${SITES}/missing/index.html` },
      'RenderFailed',
      'verify that it is a Remotion project',
    ],
    [
      'options that contradict each other',
      { concurrency: 2 },
      'RenderFailed',
      "Both 'framesPerLambda' and 'concurrency' were set",
    ],
  ])('(%s)', async (what, options, error, sentence) => {
    const jobId = what.replaceAll(' ', '-');
    const sites = new URL('..', machine.siteUrl).href.slice(0, -1);
    const end = await run(jobId, JSON.parse(JSON.stringify(options).replace(SITES, sites)));
    expect(end).toMatchObject({ status: 'FAILED', error });
    expect(causeOf(end)).toMatchObject({ message: expect.stringContaining(sentence), retryable: false });
    expect(end.seconds).toBeLessThan(60);
    await expect(run(jobId, {})).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });
});
