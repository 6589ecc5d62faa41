import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { describeField, invalidRenderRequest } from '../../statemachine/parse-render-request.ts';

/** Prefix in the Remotion bucket from which StartRender may read; Remotion keeps its own large props there too. */
export const INPUT_PROPS_PREFIX = 'input-props/';

const FIELD = 'render.inputPropsUri';

/** What the function can hold, several times over, beside all else in its memory. */
const MAX_PROPS_BYTES = 32 * 1024 ** 2;

/**
 * Reads input props that a request names by `s3://bucket/key`.
 *
 * @throws WorkflowError `InvalidRenderRequest` when the object is outside `input-props/` of the Remotion
 * bucket, is not there, may not be read, is too large, or is not a JSON object.
 */
export async function readInputProps(
  s3: S3Client,
  uri: string,
  bucketName: string,
): Promise<Record<string, unknown>> {
  const allowed = `s3://${bucketName}/${INPUT_PROPS_PREFIX}`;
  if (!uri.startsWith(allowed) || uri === allowed) {
    throw invalidRenderRequest([describeField(FIELD, uri, `${allowed}<name>`)]);
  }
  const key = uri.slice(`s3://${bucketName}/`.length);
  let body: string | undefined;
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: bucketName, Key: key }));
    if ((object.ContentLength ?? 0) > MAX_PROPS_BYTES) {
      const accepted = `the address of an object of at most ${MAX_PROPS_BYTES / 1024 ** 2} MiB`;
      throw invalidRenderRequest([describeField(FIELD, uri, accepted)]);
    }
    body = await object.Body?.transformToString();
  } catch (error) {
    if (!isMissingOrForbidden(error)) throw error;
    throw invalidRenderRequest([describeField(FIELD, uri, 'the address of an object that exists')]);
  }
  const props = parseObject(body ?? '');
  if (props === undefined) {
    throw invalidRenderRequest([
      describeField(FIELD, uri, 'the address of an object that holds a JSON object'),
    ]);
  }
  return props;
}

function isMissingOrForbidden(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === 403 || status === 404;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
