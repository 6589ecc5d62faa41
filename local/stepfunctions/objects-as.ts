import { AwsError, type AwsResponse, type LocalService } from '../aws.ts';
import { ConnectionReset, type Interceptor } from '../gateway.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { requestAs } from '../iam/call-as.ts';
import { machineRole } from './machine-role.ts';
import type { ObjectToRead, TaskCaller, TaskServices } from './task-services.ts';

/** Larger objects are written in parts, as on AWS: `s3:PutObject` is asked for each. */
const PART_BYTES = 8 * 1024 * 1024;

/** Lets a state machine read and write objects with its own role, whose policies decide. */
export function objectsAs(
  access: Pick<AccessControl, 'assumeRole' | 'authorize'>,
  s3: () => LocalService,
  intercept?: Interceptor,
): Pick<TaskServices, 'getObject' | 'putObject'> {
  const request = async (
    caller: TaskCaller,
    method: 'GET' | 'PUT' | 'POST',
    { bucket, key, expectedBucketOwner }: Omit<ObjectToRead, 'caller'>,
    { query = {}, body }: { query?: Record<string, string>; body?: Buffer } = {},
  ): Promise<AwsResponse> => {
    const asked = {
      method,
      path: `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`,
      query: new URLSearchParams(query),
      headers: { ...(expectedBucketOwner && { 'x-amz-expected-bucket-owner': expectedBucketOwner }) },
      ...(body && { body }),
    };
    try {
      const answer = await requestAs(machineRole(access, caller), access, s3(), asked, intercept);
      if (answer.status >= 400) throw errorIn(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof ConnectionReset)) throw error;
      throw new AwsError('RequestTimeout', 'The connection was closed.', 400);
    }
  };
  return {
    async getObject({ caller, ...object }) {
      const { body } = await request(caller, 'GET', object);
      return Buffer.isBuffer(body) ? body : Buffer.from(String(body ?? ''));
    },
    async putObject({ caller, body, ...object }) {
      if (body.length <= PART_BYTES) return void (await request(caller, 'PUT', object, { body }));
      const created = await request(caller, 'POST', object, { query: { uploads: '' } });
      const uploadId = /<UploadId>(.+)<\/UploadId>/.exec(String(created.body))?.[1] ?? '';
      const parts: string[] = [];
      for (let start = 0; start < body.length; start += PART_BYTES) {
        const partNumber = String(parts.length + 1);
        const part = body.subarray(start, start + PART_BYTES);
        const { headers } = await request(caller, 'PUT', object, {
          query: { partNumber, uploadId },
          body: part,
        });
        parts.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${headers?.etag}</ETag></Part>`);
      }
      const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      await request(caller, 'POST', object, { query: { uploadId }, body: Buffer.from(list) });
    },
  };
}

/** The error in an answer of S3. */
function errorIn({ status, body }: AwsResponse): AwsError {
  const text = String(body);
  const part = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1];
  return new AwsError(part('Code') ?? 'InternalError', part('Message') ?? text, status);
}
