import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type ExecutionEnd, type ExecutionUpdate, followExecution } from '../../cli/follow-execution.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import { type Launched, type LaunchOptions, launch } from '../../local/launch.ts';
import type { FailureCause } from '../../statemachine/contract.ts';

/** One second of the example, small. */
export const smallRender = {
  composition: 'HelloWorld',
  codec: 'h264',
  inputProps: { durationInSeconds: 1 },
  framesPerLambda: 30,
  scale: 0.25,
};

interface TestMachine {
  machine: Launched;
  sfn: SFNClient;
  s3: S3Client;
  sqs: SQSClient;
  stateMachineArn: string;
  /** Starts an execution and waits until it has ended. */
  run(input: unknown, updates?: ExecutionUpdate[]): Promise<ExecutionEnd>;
  executions(): Promise<DescribeExecutionOutput[]>;
  /** The executions whose input has the text, once there are as many as expected and all have ended. */
  endedWith(text: string, count?: number): Promise<DescribeExecutionOutput[]>;
  /** Ids of the renders that have a file in Remotion's bucket. */
  startedRenders(): Promise<string[]>;
}

/** The app's stack on one machine for the tests of one file: is there when they begin. */
export function testMachine(options: LaunchOptions = {}): TestMachine {
  const test = { run, executions, endedWith, startedRenders } as TestMachine;

  beforeAll(async () => {
    test.machine = await launch(options);
    test.sfn = new SFNClient(test.machine.clientConfig);
    test.s3 = new S3Client(test.machine.clientConfig);
    test.sqs = new SQSClient(test.machine.clientConfig);
    test.stateMachineArn = test.machine.stack.outputs.StateMachineArn ?? '';
    // The first time the example is bundled.
  }, 120_000);
  afterAll(() => test.machine?.stop());

  async function run(input: unknown, updates: ExecutionUpdate[] = []): Promise<ExecutionEnd> {
    const executionArn = await startByRequest(test.sfn, test.stateMachineArn, input);
    return followExecution(test.sfn, executionArn, (update) => updates.push(update), 100);
  }

  async function executions(): Promise<DescribeExecutionOutput[]> {
    const { executions = [] } = await test.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: test.stateMachineArn }),
    );
    return Promise.all(
      executions.map(({ executionArn }) => test.sfn.send(new DescribeExecutionCommand({ executionArn }))),
    );
  }

  async function endedWith(text: string, count = 1): Promise<DescribeExecutionOutput[]> {
    for (;;) {
      const found = (await executions()).filter(({ input }) => input?.includes(text));
      if (found.length >= count && found.every(({ status }) => status !== 'RUNNING')) return found;
      await sleep(100);
    }
  }

  async function startedRenders(): Promise<string[]> {
    const { Contents = [] } = await test.s3.send(
      new ListObjectsV2Command({ Bucket: test.machine.remotionBucketName, Prefix: 'renders/' }),
    );
    return [...new Set(Contents.map(({ Key = '' }) => Key.split('/')[1] ?? ''))];
  }

  return test;
}

export function causeOf({ cause }: ExecutionEnd): FailureCause {
  return JSON.parse(cause ?? '');
}
