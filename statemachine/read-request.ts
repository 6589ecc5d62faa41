/**
 * Takes request and job id out of an execution's input as the state ReadRequest does, for those who see the
 * execution from outside: the input is the request itself, a whole EventBridge event, or a list of one event, as
 * the pipe of a queue makes it.
 */
export function readRequest(input: unknown, executionName: string): { request: unknown; jobId: unknown } {
  const candidate: unknown = Array.isArray(input) && input.length === 1 ? input[0] : input;
  const event = candidate as Partial<Record<'detail-type' | 'detail' | 'id', unknown>> | null;
  const isEvent = event?.['detail-type'] !== undefined && event.detail !== undefined;
  const request = isEvent ? event.detail : input;
  const own = (request as { jobId?: unknown } | null)?.jobId;
  return { request, jobId: own ?? (isEvent ? event.id : undefined) ?? executionName };
}
