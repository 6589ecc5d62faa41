import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers a request of the page, under the path that it is mounted at. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that the page's server refuses, and why, for a person. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request with the input of an execution in it, with room for the rest. */
const MAX_BODY_IN_BYTES = 1024 * 1024;

/** Reads the JSON document of a request. @throws Refusal when it is none, or too large */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_IN_BYTES) throw new Refusal(413, 'The request is too large.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The request is not JSON.');
  }
}

export function sendJson(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(document));
}
