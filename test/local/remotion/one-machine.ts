import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { startFauxqs } from 'fauxqs';
import { AwsError, type AwsRequest, type AwsResponse } from '../../../local/aws.ts';
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts';
import { FunctionHost } from '../../../local/lambda/function-host.ts';
import { LambdaService } from '../../../local/lambda/lambda-service.ts';

/** S3 and Lambda at one address, without identity or IAM: as little as a render needs. */
export async function startOneMachine(functions: FunctionConfiguration[]) {
  const lines: string[] = [];
  const s3 = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const host = new FunctionHost({
    functions,
    issueCredentials: (name) => ({
      accessKeyId: `AKIA-${name}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
    }),
    endpointUrl: () => endpointUrl,
    log: (name, line) => lines.push(`${name}: ${line}`),
  });
  const lambda = new LambdaService(host);
  const server: Server = createServer((incoming, outgoing) => {
    if (!/Credential=[^,]*\/lambda\/aws4_request/.test(incoming.headers.authorization ?? '')) {
      incoming.pipe(
        forward(
          { port: s3.port, method: incoming.method, path: incoming.url, headers: incoming.headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
          },
        ),
      );
      return;
    }
    answerLambda(lambda, incoming).then(({ status, headers, body }) => {
      outgoing.writeHead(status, headers);
      if (body instanceof Readable) body.pipe(outgoing);
      else outgoing.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    host,
    endpointUrl,
    /** What the functions have written. */
    lines,
    async stop() {
      await host.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await s3.stop();
    },
  };
}

async function answerLambda(lambda: LambdaService, incoming: IncomingMessage): Promise<AwsResponse> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const request: AwsRequest = {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers as Record<string, string>,
    body: await buffer(incoming),
    principal: { kind: 'administrator' },
  };
  try {
    lambda.authorizations(request);
    return await lambda.handle(request);
  } catch (error) {
    if (error instanceof AwsError) return lambda.errorResponse(error);
    throw error;
  }
}
