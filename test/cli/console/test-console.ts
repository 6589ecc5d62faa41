import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { createConsole } from '../../../cli/console/console-handler.ts';
import type { ConsoleOptions } from '../../../cli/console/console-options.ts';

export const STATE_MACHINE_ARN = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Videos-RenderWorkflow';
export const arnOf = (name: string) =>
  `${STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:${name}`;

export const BATCH_ARN = `${STATE_MACHINE_ARN}-RenderBatch`;
export const batchArnOf = (name: string) => `${BATCH_ARN.replace(':stateMachine:', ':execution:')}:${name}`;

/** What the SDK throws where the role lacks a permission. */
export const refusal = (action: string) =>
  Object.assign(new Error(`User: me is not authorized to perform: ${action} on resource: x`), {
    name: 'AccessDeniedException',
    action,
  });

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The page's server over clients that answer as the tests say. */
export async function startTestConsole(options: Partial<ConsoleOptions> = {}) {
  const settings = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
  };
  const clients = { sfn: new SFNClient(settings), s3: new S3Client(settings) };
  const sfn = mockClient(clients.sfn);
  const s3 = mockClient(clients.s3);
  const { handle, path: link } = createConsole({ clients, stateMachineArn: STATE_MACHINE_ARN, ...options });
  const server = createServer(handle);
  const listen = (port: number) =>
    new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const stopListening = () =>
    new Promise<void>((stopped) => {
      server.close(() => stopped());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  /** Plain HTTP, because fetch sets headers of its own. */
  const ask = (path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const request = httpRequest(`${origin}/_console/${path}`, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.on('error', reject).end(body);
    });
  const token =
    link.split('#key=')[1] ?? /name="console-token" content="([^"]+)"/.exec((await ask('')).text)?.[1] ?? '';
  const own = { 'x-console-token': token };
  return {
    sfn,
    s3,
    origin,
    token,
    ask,
    read: async (path: string) => JSON.parse((await ask(path, own)).text),
    change: async (path: string, body: unknown) =>
      JSON.parse(
        (await ask(path, { ...own, 'content-type': 'application/json' }, JSON.stringify(body))).text,
      ),
    stop: stopListening,
    /** As a server that is gone for a while; the answer brings it back. */
    async stopListening(): Promise<() => Promise<void>> {
      await stopListening();
      return () => listen(port);
    },
  };
}
