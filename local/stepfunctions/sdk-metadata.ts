import type { Json, JsonObject } from './json.ts';

/** What the result of every integration says about its call. */
export function sdkMetadata(
  { body, statusCode, requestId }: { body: Json; statusCode: number; requestId: string },
  now: number,
  headersOfService: Readonly<Record<string, string>> = {},
): JsonObject {
  const headers: Record<string, string> = {
    ...headersOfService,
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': String(Buffer.byteLength(JSON.stringify(body))),
    Date: new Date(now).toUTCString(),
    'Content-Type': 'application/json',
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
