import { AwsError, type AwsRequest, type AwsResponse, type LocalService, type Principal } from '../aws.ts';
import type { Interceptor } from '../gateway.ts';
import type { AccessControl } from './access-control.ts';

/** A service's answer in its JSON protocol. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: string;
}

type Authorizer = Pick<AccessControl, 'authorize'>;

/**
 * Sends a service a request as a principal, as if it came in at the gateway: IAM decides first. Throws what the
 * service throws, AwsError `AccessDeniedException`, and ConnectionReset where `intercept` does.
 */
export async function requestAs(
  principal: Principal,
  access: Authorizer,
  service: LocalService,
  { headers, body = Buffer.alloc(0), ...rest }: Omit<AwsRequest, 'principal' | 'body'> & { body?: Buffer },
  intercept: Interceptor = (_call, next) => next(),
): Promise<AwsResponse> {
  const request: AwsRequest = { ...rest, headers: { host: '127.0.0.1', ...headers }, body, principal };
  const authorizations = service.authorizations(request);
  for (const authorization of authorizations) access.authorize(principal, authorization);
  return intercept({ service: service.signingName, request, authorizations }, () => service.handle(request));
}

/** As `requestAs`, for a service that speaks JSON; its errors are answers here. */
export async function callAs(
  principal: Principal,
  access: Authorizer,
  service: LocalService,
  { target, input }: { readonly target: string; readonly input: string },
  intercept?: Interceptor,
): Promise<JsonAnswer> {
  const request = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': target },
    body: Buffer.from(input),
  };
  try {
    const { status, body } = await requestAs(principal, access, service, request, intercept);
    return { status, body: String(body) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { status, body } = service.errorResponse(error);
    return { status, body: String(body) };
  }
}
