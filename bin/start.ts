import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { followExecution } from '../cli/follow-execution.ts';
import { createDisplay, describeFailure, describeResult, describeUpdate } from '../cli/show-execution.ts';
import { startByEvent, startByRequest } from '../cli/start-execution.ts';
import { parseStartOptions, START_USAGE, type StartOptions } from '../cli/start-options.ts';
import { UsageError } from '../cli/usage-error.ts';
import { type Launched, launch } from '../local/launch.ts';
import type { RenderResult } from '../statemachine/contract.ts';

const display = createDisplay();
let machine: Launched | undefined;
let executionArn: string | undefined;

async function main({ start, out, json }: StartOptions): Promise<void> {
  const begun = performance.now();
  machine = await launch({ working: display.working });
  const { clientConfig, stack } = machine;
  const sfn = new SFNClient(clientConfig);
  const { StateMachineArn = '', EventBusName = '' } = stack.outputs;
  const setupInMs = Math.round(performance.now() - begun);
  display.done(`The stack runs on this machine (${(setupInMs / 1000).toFixed(1)} s)`);

  executionArn =
    'event' in start
      ? await startByEvent(
          sfn,
          new EventBridgeClient(clientConfig),
          StateMachineArn,
          start.event,
          EventBusName,
        )
      : await startByRequest(sfn, StateMachineArn, start.input);
  const end = await followExecution(sfn, executionArn, (update) => display.working(describeUpdate(update)));

  let file: string | undefined;
  if (end.status === 'SUCCEEDED') {
    const result = end.output as RenderResult;
    file = await download(new S3Client(clientConfig), result, out);
    display.done(describeResult(result, end));
    display.done(`Saved as ${relative(process.cwd(), file)}`);
  } else {
    display.failed(describeFailure(end));
    console.error(
      `  What the functions printed on this machine: ${relative(process.cwd(), machine.logFile)}`,
    );
    process.exitCode = 1;
  }
  if (json) {
    const { durationInMs: executionInMs, ...ended } = end;
    const timings = { setupInMs, executionInMs, totalInMs: Math.round(performance.now() - begun) };
    console.log(JSON.stringify({ ...ended, ...(file && { file }), timings }));
  }
}

async function download(s3: S3Client, { bucket, key }: RenderResult, out: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!Body) throw new Error(`s3://${bucket}/${key} has no content.`);
  const file = join(out, basename(key));
  await mkdir(out, { recursive: true });
  await writeFile(file, await Body.transformToByteArray());
  return file;
}

async function interrupt(): Promise<void> {
  if (machine && executionArn) {
    const cause = 'Interrupted at the terminal.';
    await new SFNClient(machine.clientConfig)
      .send(new StopExecutionCommand({ executionArn, error: 'Interrupted', cause }))
      .catch(() => {});
  }
  await machine?.stop();
  display.failed('Interrupted; the execution was stopped.');
  process.exit(130);
}

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) {
    console.log(START_USAGE);
  } else {
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    await main(options);
  }
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${START_USAGE}`);
    process.exitCode = 2;
  } else {
    const { name, message, stack } = error as Error;
    display.failed(name === 'Error' ? (stack ?? message) : `${name}: ${message}`);
    process.exitCode = 1;
  }
} finally {
  await machine?.stop();
}
