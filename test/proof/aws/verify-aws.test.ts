import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib/core';
import { mockClient } from 'aws-sdk-client-mock';
import type { ExecutionEnd } from '../../../cli/follow-execution.ts';
import { deleteBucket, makeBucket } from '../../../proof/aws/buckets.ts';
import { costOf, EXPECTED_COST_IN_USD } from '../../../proof/aws/costs.ts';
import { printResults } from '../../../proof/aws/print-results.ts';
import { runScenarios, SCENARIOS } from '../../../proof/aws/run-scenarios.ts';
import { Skipped } from '../../../proof/aws/scenario.ts';
import type { Verification } from '../../../proof/aws/verification.ts';
import { VERIFICATION_CONTEXT } from '../../../proof/aws/verification-context.ts';
import { VerificationStack } from '../../../proof/aws/verification-stack.ts';
import { finish } from '../../finish.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The command, which would find nothing to call. */
const verify = (...args: string[]) =>
  finish(
    spawn(process.execPath, ['bin/verify-aws.ts', ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    }),
  );

test('deploys nothing at an endpoint that is not of AWS, or of which no scenario is asked for', async () => {
  expect(await verify('--yes', '--region', 'us-east-1')).toMatchObject({
    status: 2,
    stdout: expect.stringContaining('AWS_ENDPOINT_URL is set'),
  });
  expect(await verify('--yes', '--only', 'nothing such')).toMatchObject({ status: 2 });
});

test('docs/verify-on-aws.md has every scenario, and what it costs as the command says it before', async () => {
  const page = readFileSync(join(ROOT, 'docs/verify-on-aws.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (a|an|no|what|the) (.+?) \| .{10,} \|$/gm)].map(
    ([, a, rest]) => `${a} ${rest}`,
  );
  expect(rows).toEqual(expect.arrayContaining(SCENARIOS.map(({ name }) => name)));
  const cost = `some $${EXPECTED_COST_IN_USD.toFixed(2)}, under $1 in any case`;
  expect(page).toContain(cost);
  const { status, stdout } = await verify();
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(cost) });
  for (const { name } of SCENARIOS) expect(stdout).toContain(`- ${name}\n`);
});

const folder = mkdtempSync(join(tmpdir(), 'site-'));
writeFileSync(join(folder, 'index.html'), '');
afterAll(() => rmSync(folder, { recursive: true }));

test('the stack that is tried has every way in, and a key of the state machine where it is asked for', () => {
  const stack = (more: object = {}) => {
    const site = { site: folder, siteName: 'hello-world' };
    const context = { ...VERIFICATION_CONTEXT, ...site, 'aws:cdk:bundling-stacks': [] };
    return Template.fromStack(new VerificationStack(new App({ context: { ...context, ...more } })));
  };
  const plain = stack();
  const outputs = Object.keys(plain.findOutputs('*'));
  const needed = [
    'StateMachineArn',
    'RenderQueueUrl',
    'RenderApiUrl',
    'BatchStateMachineArn',
    'ToldQueueUrl',
  ];
  expect(outputs).toEqual(expect.arrayContaining([...needed, 'RemotionBucketName', 'RemotionFunctionName']));
  plain.resourceCountIs('AWS::KMS::Key', 0);
  const encrypted = Object.values(
    stack({ encrypted: 'true' }).findResources('AWS::StepFunctions::StateMachine'),
  );
  expect(encrypted.some(({ Properties }) => Properties.EncryptionConfiguration?.KmsKeyId)).toBe(true);
});

describe('scenarios', () => {
  const on = { newJob: () => 'job' } as Verification;
  const scenarios = [
    { name: 'one', run: async () => 'seen' },
    { name: 'two', run: async () => Promise.reject(new Skipped('no region')) },
    { name: 'three', run: async () => Promise.reject(new Error('my-bucket is wrong\nand more')) },
  ];

  test('are told of with what was seen, what kept them, and what is wrong', async () => {
    const results = await runScenarios(on, scenarios);
    expect(results.map(({ status }) => status)).toEqual(['ok', 'skipped', 'failed']);
    const table = printResults(results, { ends: [] }, ['my-bucket']);
    expect(table).toContain('| failed | three | … is wrong | 0 |');
    expect(table).toContain('2 of 3 as they should be');
  });

  test('begin no more once they are interrupted', async () => {
    expect(await runScenarios(on, scenarios, () => {}, AbortSignal.abort())).toEqual([]);
  });
});

test('the cost counts a render once, also where two executions have waited for it, and failed ones', () => {
  const end = (name: string, more: object) =>
    ({
      executionArn: name,
      status: 'SUCCEEDED',
      stateTransitions: 10,
      durationInMs: 1,
      ...more,
    }) as ExecutionEnd;
  const joined = { output: { renderId: 'r1', costInUsd: 0.5 } };
  const failed = { cause: JSON.stringify({ renderId: 'r2', costInUsd: 0.25 }) };
  const ends = [end('a', joined), end('b', joined), end('c', failed), end('d', { cause: 'text' })];
  expect(costOf({ ends })).toEqual({ renders: 0.75, transitions: 0.001 });
});

describe('buckets', () => {
  const s3 = mockClient(S3Client);
  beforeEach(() => s3.reset());

  test('are made in their region, which the first of S3 does not take as one', async () => {
    s3.on(CreateBucketCommand).resolves({});
    await makeBucket(new S3Client({ region: 'eu-west-1' }), 'there');
    await makeBucket(new S3Client({ region: 'us-east-1' }), 'here');
    expect(s3.commandCalls(CreateBucketCommand).map(({ args }) => args[0].input)).toEqual([
      { Bucket: 'there', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } },
      { Bucket: 'here' },
    ]);
  });

  test('are emptied and deleted, and may be gone already', async () => {
    s3.on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [{ Key: 'a' }], NextContinuationToken: 'more' })
      .resolvesOnce({ Contents: [{ Key: 'b' }] });
    const client = new S3Client({ region: 'eu-west-1' });
    await deleteBucket(client, 'full');
    expect(s3.commandCalls(DeleteObjectsCommand)).toHaveLength(2);
    expect(s3.commandCalls(DeleteBucketCommand)).toHaveLength(1);
    s3.on(ListObjectsV2Command).rejects(Object.assign(new Error(), { name: 'NoSuchBucket' }));
    await deleteBucket(client, 'gone');
  });
});
