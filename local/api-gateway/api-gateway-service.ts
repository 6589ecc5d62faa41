import {
  type Authorization,
  AwsError,
  type AwsRequest,
  type AwsResponse,
  LOCAL_ACCOUNT_ID,
  LOCAL_REGION,
  type LocalService,
} from '../aws.ts';
import type { LocalApiMethod, LocalRestApi } from '../cloud-assembly/local-stack.ts';
import { API_PATH } from '../cloud-assembly/local-url.ts';
import { UnsupportedTemplate } from '../cloud-assembly/template.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { callAs } from '../iam/call-as.ts';
import { isJsonObjectText } from '../stepfunctions/is-json-object-text.ts';
import { compileMappingTemplate, type MappedRequest } from './mapping-template.ts';

export interface ApiGatewayOptions {
  readonly apis: readonly LocalRestApi[];
  readonly access: Pick<AccessControl, 'assumeRole' | 'authorize'>;
  /** Services that methods are integrated with. */
  readonly services: readonly LocalService[];
}

/** How the protocol of a service names its actions. */
const TARGET_PREFIXES: Readonly<Record<string, string>> = { states: 'AWSStepFunctions' };

interface Route {
  readonly api: LocalRestApi;
  readonly method: LocalApiMethod;
  readonly integrated: LocalService;
  readonly toInput: (request: MappedRequest) => string;
}

/**
 * The stack's REST APIs, each at `/_aws/execute-api/ID/STAGE/…`, for requests signed for `execute-api`.
 * Throws UnsupportedTemplate for a mapping template or a service that this machine does not do.
 */
export function createApiGatewayService({ apis, access, services }: ApiGatewayOptions): LocalService {
  const routes = apis.flatMap((api) => api.methods.map((method) => newRoute(api, method, services)));

  return {
    signingName: 'execute-api',
    owns: (path) => path.startsWith(API_PATH),
    authorizations(request): Authorization[] {
      const { route, path } = find(routes, request);
      if (request.principal.kind === 'anonymous') throw missingToken();
      return [{ action: 'execute-api:Invoke', resource: methodArn(route, path) }];
    },
    async handle(request): Promise<AwsResponse> {
      const { route, path, pathParameters } = find(routes, request);
      const { method, integrated, toInput } = route;
      const body = readBody(request, method);
      const role = access.assumeRole(method.roleArn, {
        kind: 'service',
        service: 'apigateway.amazonaws.com',
        sourceArn: methodArn(route, path),
      });
      const answer = await callAs(role, access, integrated, {
        target: `${TARGET_PREFIXES[method.service]}.${method.action}`,
        input: toInput({ body, pathParameters }),
      });
      return json(statusOf(answer.status, method), answer.body);
    },
    errorResponse: ({ code, message, status }) =>
      json(status, JSON.stringify(code === 'AccessDeniedException' ? { Message: message } : { message }), {
        'x-amzn-errortype': code,
      }),
  };
}

function newRoute(api: LocalRestApi, method: LocalApiMethod, services: readonly LocalService[]): Route {
  const where = `${api.id} ${method.httpMethod} ${method.path}`;
  const integrated = services.find(({ signingName }) => signingName === method.service);
  if (!integrated || !TARGET_PREFIXES[method.service])
    throw new UnsupportedTemplate(where, `an integration with ${method.service} is not supported`);
  return { api, method, integrated, toInput: compileMappingTemplate(method.requestTemplate, where) };
}

/** API Gateway says the same of a path that it does not know and of a request without a signature. */
function missingToken(): AwsError {
  return new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
}

interface Found {
  readonly route: Route;
  /** Below the stage, e.g. `/renders/4711`. */
  readonly path: string;
  readonly pathParameters: Record<string, string>;
}

function find(routes: readonly Route[], request: AwsRequest): Found {
  const [id, stage, ...segments] = request.path.slice(API_PATH.length).split('/');
  const path = `/${segments.join('/')}`;
  for (const route of routes) {
    const { api, method } = route;
    if (api.id !== id || api.stage !== stage || method.httpMethod !== request.method) continue;
    const names: string[] = [];
    const pattern = method.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      names.push(name);
      return '([^/]+)';
    });
    const values = new RegExp(`^${pattern}$`).exec(path);
    if (!values) continue;
    const pathParameters = names.map((name, i) => [name, decode(values[i + 1] ?? '')]);
    return { route, path, pathParameters: Object.fromEntries(pathParameters) };
  }
  throw missingToken();
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError('BadRequestException', 'Bad Request', 400);
  }
}

/** The body as the mapping template gets it. */
function readBody({ headers, body }: AwsRequest, { takesObject }: LocalApiMethod): string {
  const contentType = headers['content-type']?.split(';')[0]?.trim() || 'application/json';
  if (contentType !== 'application/json')
    throw new AwsError('UnsupportedMediaTypeException', 'Unsupported Media Type', 415);
  const text = body.toString() || '{}';
  if (takesObject && !isJsonObjectText(text))
    throw new AwsError('BadRequestException', 'Invalid request body', 400);
  return text;
}

function statusOf(status: number, { responses }: LocalApiMethod): number {
  const matching = responses.find(
    ({ selectionPattern }) =>
      selectionPattern && new RegExp(`^(?:${selectionPattern})$`).test(String(status)),
  );
  return (matching ?? responses.find(({ selectionPattern }) => !selectionPattern))?.status ?? 500;
}

function methodArn({ api, method }: Route, path: string): string {
  return `arn:aws:execute-api:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${api.id}/${api.stage}/${method.httpMethod}${path}`;
}

function json(status: number, body: string, headers: Record<string, string> = {}): AwsResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
