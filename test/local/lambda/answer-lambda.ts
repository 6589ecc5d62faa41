import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AwsError, type AwsRequest, type AwsResponse } from '../../../local/aws.ts';
import type { LambdaService } from '../../../local/lambda/lambda-service.ts';

/** Answers an HTTP request as Lambda, without identity or IAM. */
export async function answerLambda(
  lambda: LambdaService,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) {
  const [path = '/', query] = (incoming.url ?? '/').split('?');
  const { status, headers, body } = await answer(lambda, {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: incoming.headers as Record<string, string>,
    body: await buffer(incoming),
    principal: { kind: 'administrator' },
  });
  outgoing.writeHead(status, headers);
  if (body instanceof Readable) body.pipe(outgoing);
  else outgoing.end(body);
}

async function answer(lambda: LambdaService, request: AwsRequest): Promise<AwsResponse> {
  try {
    lambda.authorizations(request);
    return await lambda.handle(request);
  } catch (error) {
    if (error instanceof AwsError) return lambda.errorResponse(error);
    throw error;
  }
}
