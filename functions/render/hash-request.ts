import { createHash } from 'node:crypto';
import type { Destination, RenderRequest } from '../../statemachine/contract.ts';

/** What the deployment has decided where the request did not. */
export interface DecidedForRequest {
  readonly serveUrl: string;
  readonly functionName: string;
  readonly destination: Pick<Destination, 'bucket'>;
}

/**
 * What two requests have in common when they ask for the same video at the same place: a hash that neither the
 * order of fields changes nor how long and where in the line a start may wait, what the render may cost or the caller's
 * own context.
 */
export function hashRequest(
  { render, destination, ...request }: RenderRequest,
  { serveUrl, functionName, destination: { bucket } }: DecidedForRequest,
): string {
  return hash({
    ...whatMatters(request),
    render: { ...render, serveUrl },
    destination: { ...destination, bucket },
    functionName,
  });
}

/** As 0.1.0 did, which knew nothing of the deployment. */
export function formerHashOfRequest(request: RenderRequest): string {
  return hash(whatMatters(request));
}

function whatMatters({
  jobId: _,
  startTimeoutInSeconds: __,
  priority: ___,
  maxCostInUsd: ____,
  context: _____,
  ...request
}: Partial<RenderRequest>): object {
  return request;
}

function hash(value: object): string {
  return createHash('sha256').update(JSON.stringify(value, sortFields)).digest('hex');
}

function sortFields(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
