import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError, type LocalService } from '../../../local/aws.ts';

/** The service alone on an HTTP port, without the gateway's identities. Closes when disposed of. */
export async function serve(service: LocalService): Promise<{ endpoint: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const awsRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers as Record<string, string | undefined>,
      body: Buffer.concat(chunks),
      principal: { kind: 'administrator' } as const,
    };
    const answer = await service.handle(awsRequest).catch((error: unknown) => {
      if (error instanceof AwsError) return service.errorResponse(error);
      throw error;
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
