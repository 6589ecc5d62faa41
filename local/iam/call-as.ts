import { AwsError, type AwsRequest, type LocalService, type Principal } from '../aws.ts';
import type { Interceptor } from '../gateway.ts';
import type { AccessControl } from './access-control.ts';

/** A service's answer in its JSON protocol. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Calls a service that speaks JSON as a principal, as if the call came in at the gateway: IAM decides first.
 * Throws ConnectionReset where `intercept` does.
 */
export async function callAs(
  principal: Principal,
  access: Pick<AccessControl, 'authorize'>,
  service: LocalService,
  { target, input }: { readonly target: string; readonly input: string },
  intercept: Interceptor = (_call, next) => next(),
): Promise<JsonAnswer> {
  const request: AwsRequest = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { host: '127.0.0.1', 'x-amz-target': target },
    body: Buffer.from(input),
    principal,
  };
  try {
    const authorizations = service.authorizations(request);
    for (const authorization of authorizations) access.authorize(principal, authorization);
    const { status, body } = await intercept({ service: service.signingName, request, authorizations }, () =>
      service.handle(request),
    );
    return { status, body: String(body) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { status, body } = service.errorResponse(error);
    return { status, body: String(body) };
  }
}
