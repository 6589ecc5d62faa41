import { buildApp } from 'fauxqs';
import type { AwsResponse } from '../aws.ts';

/** A request as fauxqs gets it: in process, without a socket. */
export interface BackendRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Buffer;
}

/** An answer of fauxqs, complete in memory. */
export interface BackendResponse extends AwsResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** fauxqs in process: the objects behind the S3 service and the messages behind the SQS service. */
export interface FauxqsBackend {
  request(request: BackendRequest): Promise<BackendResponse>;
  stop(): Promise<void>;
}

/** Headers that belong to the connection to the gateway, and those from which fauxqs would guess a region. */
const REQUEST_ONLY = ['authorization', 'connection', 'content-length', 'expect', 'host', 'transfer-encoding'];
const RESPONSE_ONLY = ['connection', 'date', 'keep-alive', 'transfer-encoding'];

/** Everything is kept in memory and gone after `stop`. */
export function createFauxqsBackend(): FauxqsBackend {
  const app = buildApp({ logger: false, defaultRegion: 'us-east-1' });
  return {
    async request({ method, url, headers = {}, body }) {
      const passedOn = Object.entries(headers).filter(
        ([name, value]) => value !== undefined && !REQUEST_ONLY.includes(name),
      );
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: Object.fromEntries(passedOn) as Record<string, string>,
        payload: body,
      });
      return {
        status: response.statusCode,
        headers: Object.fromEntries(
          Object.entries(response.headers)
            .filter(([name, value]) => value !== undefined && !RESPONSE_ONLY.includes(name))
            .map(([name, value]) => [name, String(value)]),
        ),
        body: response.rawPayload,
      };
    },
    async stop() {
      await app.close();
    },
  };
}
