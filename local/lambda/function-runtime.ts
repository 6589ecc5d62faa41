/**
 * The main module of a function process: what Lambda's Node.js runtime is to a function. It loads the handler,
 * then answers one invocation at a time over the IPC channel.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Handler, isStreaming, loadHandler, streamifyResponse } from './load-handler.ts';
import type { FunctionErrorPayload, InvokeMessage, ProcessMessage } from './process-messages.ts';

const environment = process.env as Record<string, string>;

/** Resolves when the message has left the process, so that a large response waits for its reader. */
function send(message: ProcessMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

function describe(error: unknown): FunctionErrorPayload {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function contextOf({ requestId, functionArn, deadline }: InvokeMessage) {
  return {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function run(handler: Handler, message: InvokeMessage): Promise<void> {
  const event = JSON.parse(message.payload);
  if (!isStreaming(handler)) {
    const result = await handler(event, contextOf(message));
    return send({ type: 'chunk', bytes: Buffer.from(JSON.stringify(result) ?? 'null') });
  }
  let isOver = false;
  const responseStream = new Writable({
    write: (chunk, _encoding, done) => {
      // What a failed handler still writes belongs to no invocation any more.
      if (isOver) done();
      else send({ type: 'chunk', bytes: chunk }).then(() => done(), done);
    },
  });
  try {
    await handler(event, Object.assign(responseStream, { setContentType: () => {} }), contextOf(message));
    responseStream.end();
    await finished(responseStream);
  } finally {
    isOver = true;
  }
}

function logged(error: FunctionErrorPayload): FunctionErrorPayload {
  console.error(JSON.stringify(error));
  return error;
}

/** Reports what nobody caught as the invocation's error and ends the process, with Lambda's exit codes. */
function dieOf(error: FunctionErrorPayload, exitCode: number): void {
  logged(error);
  send({ type: 'died', error }).finally(() => process.exit(exitCode));
}

process.on('uncaughtException', (error) => dieOf(describe(error), 129));
process.on('unhandledRejection', (reason) =>
  dieOf(
    { ...describe(reason), errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: String(reason) },
    128,
  ),
);

// The host is gone, perhaps killed: nobody else is left to end this process and those it started, its group.
process.on('disconnect', () => {
  try {
    rmSync(tmpdir(), { recursive: true, force: true });
  } finally {
    process.kill(-process.pid, 'SIGKILL');
  }
});

Object.assign(globalThis, { awslambda: { streamifyResponse } });

try {
  const handler = await loadHandler(environment.LAMBDA_TASK_ROOT ?? '', environment._HANDLER ?? '');
  process.on('message', async (message: InvokeMessage) => {
    process.env._X_AMZN_TRACE_ID = message.traceId;
    try {
      await run(handler, message);
      await send({ type: 'succeeded' });
    } catch (error) {
      await send({ type: 'failed', error: logged(describe(error)) });
    }
  });
  await send({ type: 'ready' });
} catch (error) {
  await send({ type: 'died', error: logged(describe(error)) });
}
