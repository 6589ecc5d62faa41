import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import type { AwsRequest } from '../../../local/aws.ts';
import { LambdaService } from '../../../local/lambda/lambda-service.ts';
import { answerLambda } from './answer-lambda.ts';
import { testHost } from './test-host.ts';
import { until } from './until.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:greet';

const functions = testHost({
  greet: {
    code: 'export const handler = async ({ name }) => { console.log(name); return `Hello, ${name}` }',
  },
  fail: { code: `export const handler = async () => { throw new RangeError('too far') }` },
  busy: { code: 'export const handler = () => new Promise(() => {})', concurrencyLimit: 0 },
  stream: {
    code: `export const handler = awslambda.streamifyResponse(async ({ fail }, stream) => {
      stream.write('one'); await new Promise((done) => setTimeout(done, 100));
      if (fail) throw new RangeError('too far');
      stream.write(new Uint8Array([0, 255])); stream.end() })`,
  },
});
const lambda = new LambdaService(functions.host);
const server = createServer((incoming, outgoing) => answerLambda(lambda, incoming, outgoing));
let client: LambdaClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new LambdaClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await functions.stop();
  server.close();
});

const invoke = (FunctionName: string, event: unknown = {}, InvocationType?: 'Event' | 'DryRun') =>
  client.send(new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(event) }));

async function invokeStreaming(FunctionName: string, event: unknown = {}) {
  const answer = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName, Payload: JSON.stringify(event) }),
  );
  const chunks: { at: number; bytes: Buffer }[] = [];
  for await (const event of answer.EventStream ?? []) {
    if (event.PayloadChunk?.Payload)
      chunks.push({ at: Date.now(), bytes: Buffer.from(event.PayloadChunk.Payload) });
    if (event.InvokeComplete) return { chunks, complete: event.InvokeComplete };
  }
  throw new Error('no InvokeComplete');
}

it.each(['greet', '123456789012:function:greet', ARN, `${ARN}:$LATEST`])(
  'invokes the function called %s and answers its result',
  async (name) => {
    const answer = await invoke(name, { name: 'Ada' });
    expect(answer.Payload?.transformToString()).toBe('"Hello, Ada"');
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  },
);

it("answers a function's failure with the header X-Amz-Function-Error", async () => {
  const answer = await invoke('fail');
  expect(answer.FunctionError).toBe('Unhandled');
  expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toMatchObject({
    errorType: 'RangeError',
    errorMessage: 'too far',
  });
});

it('takes an event at once and runs it after', async () => {
  expect(await invoke('greet', { name: 'Grace' }, 'Event')).toMatchObject({ StatusCode: 202 });
  expect(await until(() => functions.lines.includes('greet: Grace'))).toBe(true);
});

it('streams each chunk as the function writes it, then says that it is complete', async () => {
  const { chunks, complete } = await invokeStreaming('stream');
  expect(chunks.map(({ bytes }) => bytes)).toEqual([Buffer.from('one'), Buffer.from([0, 255])]);
  expect((chunks[1]?.at ?? 0) - (chunks[0]?.at ?? 0)).toBeGreaterThan(50);
  expect(complete.ErrorCode).toBeUndefined();
});

it('ends the stream of a function that fails with its error', async () => {
  const { chunks, complete } = await invokeStreaming('stream', { fail: true });
  expect(chunks.map(({ bytes }) => String(bytes))).toEqual(['one']);
  expect(complete.ErrorCode).toBe('Unhandled');
  expect(JSON.parse(complete.ErrorDetails ?? '')).toMatchObject({ errorType: 'RangeError' });
});

it('answers a streaming function as a whole when it is invoked without a stream', async () => {
  const answer = await invoke('stream');
  expect(Buffer.from(answer.Payload ?? [])).toEqual(Buffer.from([...Buffer.from('one'), 0, 255]));
});

it.each([
  ['a function that does not exist', () => invoke('nobody'), 'ResourceNotFoundException', 404],
  [
    'a function of another account',
    () => invoke('arn:aws:lambda:us-east-1:111122223333:function:greet'),
    'ResourceNotFoundException',
    404,
  ],
  ['a version that does not exist', () => invoke(`${ARN}:7`), 'ResourceNotFoundException', 404],
  ['an unknown function, streamed', () => invokeStreaming('nobody'), 'ResourceNotFoundException', 404],
  ['a function at its concurrency limit', () => invoke('busy'), 'TooManyRequestsException', 429],
  [
    'an invocation type that is not supported',
    () => invoke('greet', {}, 'DryRun'),
    'InvalidParameterValueException',
    400,
  ],
  [
    'an event of more than 1 MB',
    () => invoke('greet', 'x'.repeat(1_048_576), 'Event'),
    'RequestEntityTooLargeException',
    413,
  ],
  [
    'a request of more than 6 MB',
    () => invoke('greet', 'x'.repeat(6_291_456)),
    'RequestEntityTooLargeException',
    413,
  ],
  [
    'a payload that is not JSON',
    () => client.send(new InvokeCommand({ FunctionName: 'greet', Payload: '{' })),
    'InvalidRequestContentException',
    400,
  ],
])('refuses %s by its AWS name', async (_, call, name, httpStatusCode) => {
  await expect(call()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
});

it('says which function is missing as AWS says it', async () => {
  await expect(invoke('nobody')).rejects.toThrow(
    'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody',
  );
});

const request = (method: string, path: string): AwsRequest => ({
  method,
  path,
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.alloc(0),
  principal: { kind: 'administrator' },
});

it.each([
  '/2015-03-31/functions/greet/invocations',
  `/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`,
  '/2021-11-15/functions/greet/response-streaming-invocations',
])('needs lambda:InvokeFunction on the function for %s', (path) => {
  expect(lambda.authorizations(request('POST', path))).toEqual([
    { action: 'lambda:InvokeFunction', resource: ARN },
  ]);
});

it('refuses every other operation by name', () => {
  expect(() => lambda.authorizations(request('DELETE', '/2015-03-31/functions/echo'))).toThrow(
    expect.objectContaining({
      code: 'UnknownOperationException',
      message: expect.stringContaining('DELETE /2015-03-31/functions/echo'),
    }),
  );
});

it('throttles a function that has no concurrency reserved left, until the reservation is taken back', async () => {
  const FunctionName = 'greet';
  const reserve = (ReservedConcurrentExecutions: number) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  expect(await reserve(0)).toMatchObject({ ReservedConcurrentExecutions: 0 });
  await expect(invoke('greet')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  expect((await invoke('greet')).StatusCode).toBe(200);
  await expect(reserve(-1)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  await expect(
    client.send(new PutFunctionConcurrencyCommand({ FunctionName: 'none', ReservedConcurrentExecutions: 1 })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
