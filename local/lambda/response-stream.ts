import { PassThrough } from 'node:stream';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { AwsResponse } from '../aws.ts';
import type { FunctionHost, Invocation } from './function-host.ts';
import type { FunctionErrorPayload } from './process-messages.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

function frame(eventType: string, contentType: string, body: Uint8Array): Uint8Array {
  return codec.encode({
    headers: {
      ':message-type': { type: 'string', value: 'event' },
      ':event-type': { type: 'string', value: eventType },
      ':content-type': { type: 'string', value: contentType },
    },
    body,
  });
}

function completion(error: FunctionErrorPayload | undefined): Buffer {
  return Buffer.from(
    JSON.stringify(error ? { ErrorCode: 'Unhandled', ErrorDetails: JSON.stringify(error) } : {}),
  );
}

/**
 * Answers `InvokeWithResponseStream`: a `PayloadChunk` as soon as the function writes it, then `InvokeComplete`,
 * which carries the function's failure. A reader who hangs up does not end the function.
 * @throws AwsError as FunctionHost.start
 */
export function streamInvocation(host: FunctionHost, invocation: Invocation): AwsResponse {
  const body = new PassThrough();
  const write = (bytes: Uint8Array) => body.writable && body.write(bytes);
  const { requestId, ended } = host.start(invocation, (bytes) =>
    write(frame('PayloadChunk', 'application/octet-stream', bytes)),
  );
  ended.then((error) => {
    write(frame('InvokeComplete', 'application/json', completion(error)));
    body.end();
  });
  return {
    status: 200,
    headers: {
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-requestid': requestId,
      'x-amz-executed-version': '$LATEST',
    },
    body,
  };
}
