import { request as httpRequest } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import type { ConsoleOptions } from '../../../cli/console/console-options.ts';
import { type ConsoleServer, startConsoleServer } from '../../../cli/console/console-server.ts';

export const STATE_MACHINE_ARN = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Videos-RenderWorkflow';
export const arnOf = (name: string) =>
  `${STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:${name}`;

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
  const server: ConsoleServer = await startConsoleServer(
    { clients, stateMachineArn: STATE_MACHINE_ARN, ...options },
    0,
  );
  const { origin, hash } = new URL(server.url);
  const token = hash.replace('#key=', '');
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
    stop: () => server.stop(),
  };
}
