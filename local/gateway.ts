import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type Authorization, AwsError, type AwsRequest, type AwsResponse, type LocalService } from './aws.ts';
import type { AccessControl } from './iam/access-control.ts';

/** 11 MiB: what fauxqs takes in one request. Larger objects are uploaded in parts. */
const MAXIMUM_BODY_IN_BYTES = 11 * 1024 * 1024;

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/** One call that IAM has allowed, on its way to its service. */
export interface GatewayCall {
  readonly service: string;
  readonly request: AwsRequest;
  readonly authorizations: readonly Authorization[];
}

/** Stands between IAM and the services: may answer itself, throw an AwsError or ConnectionReset, or call `next`. */
export type Interceptor = (call: GatewayCall, next: () => Promise<AwsResponse>) => Promise<AwsResponse>;

/** Thrown by an interceptor to close the caller's connection without an answer. */
export class ConnectionReset extends Error {}

export interface GatewayServices {
  readonly access: AccessControl;
  readonly services: readonly LocalService[];
  readonly intercept?: Interceptor;
}

/** The one endpoint of all services (`AWS_ENDPOINT_URL`). */
export interface Gateway {
  /** E.g. `http://127.0.0.1:4566`. An IP address: SDKs then address buckets by path. */
  readonly endpoint: string;
  /** Begins to answer. Apart from starting, because the stack is resolved against the endpoint first. */
  serve(services: GatewayServices): void;
  /** Lets a handler answer all that is asked at a path and below it, in place of the services. */
  mount(path: string, handler: RequestListener): void;
  /** Closes all connections. */
  stop(): Promise<void>;
}

/** Starts the gateway on 127.0.0.1. @param port 0 for any free one */
export async function startGateway({ port = 0 }: { readonly port?: number } = {}): Promise<Gateway> {
  let behind: GatewayServices | undefined;
  const mounted = new Map<string, RequestListener>();
  const server = createServer((incoming, response) => {
    const [path = '/'] = splitOnce(incoming.url ?? '/', '?');
    const at = [...mounted.keys()].find((prefix) => path === prefix || path.startsWith(`${prefix}/`));
    if (at !== undefined) return mounted.get(at)?.(incoming, response);
    answer(incoming, response, behind).catch((error: unknown) => {
      // A caller that goes away in the middle of its request is no fault of this machine.
      const gone = response.destroyed || !incoming.complete;
      if (!(error instanceof ConnectionReset) && !gone) console.error(error);
      response.destroy();
    });
  });
  // Clients keep connections; one that the server closes just then looks like a failed call to them.
  server.keepAliveTimeout = 0;
  await listen(server, port);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(services) {
      behind = services;
    },
    mount(path, handler) {
      mounted.set(path, handler);
    },
    stop() {
      return new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  behind: GatewayServices | undefined,
): Promise<void> {
  const body = await readBody(incoming);
  const [path = '/', queryText = ''] = splitOnce(incoming.url ?? '/', '?');
  const query = new URLSearchParams(queryText);
  const method = incoming.method ?? 'GET';
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
  const scope = readCredentialScope(headers.authorization, query);
  const service =
    behind?.services.find((each) => each.owns?.(path)) ??
    behind?.services.find(({ signingName }) => signingName === scope.service);
  if (!behind || !service) return send(response, refuseService(scope.service), method);
  // A signature for another service says nothing to the owner of the path.
  const isSigned = scope.service === service.signingName;
  const principal = behind.access.identify(isSigned ? scope.accessKeyId : undefined);
  const request = { method, path, query, headers, body: body ?? Buffer.alloc(0), principal };
  await send(response, await serve(request, service, behind, body === undefined), method);
}

async function serve(
  request: AwsRequest,
  service: LocalService,
  { access, intercept }: GatewayServices,
  tooLarge: boolean,
): Promise<AwsResponse> {
  try {
    // A page in a browser must not reach the services under a name of its own that leads to this machine.
    if (!LOOPBACK_HOST.test(request.headers.host ?? ''))
      throw new AwsError('InvalidRequest', `The host must be 127.0.0.1, not ${request.headers.host}.`, 400);
    if (tooLarge)
      throw new AwsError(
        'EntityTooLarge',
        `The one-machine run takes ${MAXIMUM_BODY_IN_BYTES} bytes a request.`,
        400,
      );
    const authorizations = service.authorizations(request);
    for (const authorization of authorizations) access.authorize(request.principal, authorization);
    const next = (): Promise<AwsResponse> => service.handle(request);
    if (!intercept) return await next();
    return await intercept({ service: service.signingName, request, authorizations }, next);
  } catch (error) {
    if (error instanceof ConnectionReset) throw error;
    if (error instanceof AwsError) return service.errorResponse(error);
    console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    return service.errorResponse(new AwsError('InternalFailure', message, 500));
  }
}

/**
 * Whose key signed the request and for which service. Without a signature it is a browser's read from S3.
 * Only S3 takes a signature in the address: any page in a browser can send one.
 */
function readCredentialScope(
  authorization: string | undefined,
  query: URLSearchParams,
): { readonly accessKeyId?: string; readonly service: string } {
  const signed = /Credential=([^,\s]+)/.exec(authorization ?? '')?.[1];
  const credential = signed ?? query.get('X-Amz-Credential');
  if (!credential) return { service: 's3' };
  // KEY/20260131/us-east-1/SERVICE/aws4_request
  const [accessKeyId = '', , , service = ''] = credential.split('/');
  return signed || service === 's3' ? { accessKeyId, service } : { service: 's3' };
}

/** The whole body, or undefined where it is too large; it is read to its end even then, so that the answer arrives. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size <= MAXIMUM_BODY_IN_BYTES) chunks.push(chunk);
  }
  return size <= MAXIMUM_BODY_IN_BYTES ? Buffer.concat(chunks) : undefined;
}

function refuseService(service: string): AwsResponse {
  const code = 'ServiceNotSupported';
  return {
    status: 501,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message: `The one-machine run has no service "${service}".` }),
  };
}

async function send(
  response: ServerResponse,
  { status, headers, body }: AwsResponse,
  method: string,
): Promise<void> {
  // Node's own date is the machine's; SDKs correct their clock by this one.
  const date = new Date().toUTCString();
  response.writeHead(status, { date, 'x-amzn-requestid': crypto.randomUUID(), ...headers });
  if (method === 'HEAD' || body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    response.end(method === 'HEAD' ? undefined : body);
    return;
  }
  await pipeline(body, response);
}

function splitOnce(value: string, separator: string): string[] {
  const at = value.indexOf(separator);
  return at < 0 ? [value] : [value.slice(0, at), value.slice(at + separator.length)];
}
