import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

type Send = (options: RequestOptions, onResponse?: (response: IncomingMessage) => void) => ClientRequest;

/**
 * Puts a header into each HTTP request that this process makes from here on with `http.request(options)`, as the
 * SDK's clients do. What is told of a request later comes too late for one that asks before it sends its body
 * (`Expect`): its headers are sent by then.
 *
 * @param value of the header; undefined for a request without it
 */
export function markRequests(
  header: string,
  value: () => string | undefined,
  onCreated: (request: ClientRequest, mark: string) => void = () => {},
): void {
  const send = http.request as Send;
  const marked: Send = (options, onResponse) => {
    const mark = value();
    if (mark === undefined) return send(options, onResponse);
    const headers = { ...(options.headers as Record<string, string>), [header]: mark };
    const request = send({ ...options, headers }, onResponse);
    onCreated(request, mark);
    return request;
  };
  Object.assign(http, { request: marked });
  syncBuiltinESMExports();
}
