import {
  AwsError,
  type AwsRequest,
  type AwsResponse,
  LOCAL_ACCOUNT_ID,
  LOCAL_REGION,
  type LocalService,
  type PolicyStatement,
} from '../aws.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { bucketSetting, type S3Bucket } from './bucket-settings.ts';
import type { BackendResponse, FauxqsBackend } from './fauxqs-backend.ts';
import { authorizationsOf, readOperation, type S3Operation } from './operation.ts';
import {
  checkCopySource,
  checkWrite,
  type ObjectState,
  preconditionFailed,
  readCondition,
} from './preconditions.ts';

export interface S3ServiceOptions {
  readonly backend: FauxqsBackend;
  /** Asked whether a caller may learn that a key does not exist. */
  readonly access: Pick<AccessControl, 'permits'>;
  readonly buckets: readonly S3Bucket[];
  /** Policies of the buckets, by their ARNs. @default none */
  readonly policies?: Readonly<Record<string, readonly PolicyStatement[]>>;
}

interface OpenUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: Date;
  /** ETags of the finished parts, by their number. */
  readonly parts: Map<number, string>;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/**
 * S3, path-style, over fauxqs. Added here: permissions, conditional reads and writes, owner checks, refused
 * ACLs, the list of open multipart uploads. Not kept: tags, versions, encryption, CRC64NVME checksums.
 */
export async function createS3Service({
  backend,
  access,
  buckets,
  policies = {},
}: S3ServiceOptions): Promise<LocalService> {
  for (const { name } of buckets) await backend.request({ method: 'PUT', url: `/${name}` });
  const openUploads = new Map<string, OpenUpload>();
  // One at a time, so that nothing comes between a condition and its write. fauxqs does a write in one go anyway.
  let lastChange: Promise<unknown> = Promise.resolve();
  const alone = <T>(change: () => Promise<T>): Promise<T> => {
    const result = lastChange.then(change);
    lastChange = result.catch(() => undefined);
    return result;
  };

  async function stateOf(bucket: string, key: string): Promise<ObjectState | undefined> {
    const { status, headers } = await backend.request({ method: 'HEAD', url: objectUrl(bucket, key) });
    if (status !== 200) return undefined;
    return { etag: headers.etag ?? '', lastModified: new Date(headers['last-modified'] ?? 0) };
  }

  /** 404 only for those who may list the bucket; to others S3 does not tell what is not there. */
  function missingKey(request: AwsRequest, bucket: string): AwsError {
    const mayList = access.permits(request.principal, {
      action: 's3:ListBucket',
      resource: `arn:aws:s3:::${bucket}`,
    });
    if (mayList) return new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return new AwsError('AccessDenied', 'Access Denied', 403);
  }

  async function forward(
    request: AwsRequest,
    operation: S3Operation,
    without = /^$/,
  ): Promise<BackendResponse> {
    const { method, query, body } = request;
    const { bucket, key, source } = operation;
    const parameters = new URLSearchParams([...query].filter(([name]) => !/^(x-id|X-Amz-.*)$/.test(name)));
    const headers: Record<string, string | undefined> = {
      // What S3 takes for an object without a type; fauxqs also cannot read a body without one.
      ...(method === 'PUT' && { 'content-type': 'binary/octet-stream' }),
      ...Object.fromEntries(Object.entries(request.headers).filter(([name]) => !without.test(name))),
      // IAM has judged the source as decoded here: fauxqs must read no other.
      ...(source && { 'x-amz-copy-source': objectUrl(source.bucket, source.key) }),
    };
    const url = `${objectUrl(bucket, key)}${parameters.size > 0 ? `?${parameters}` : ''}`;
    const response = await backend.request({ method, url, headers, body });
    return checkBackend(request, operation, response);
  }

  function checkBackend(
    request: AwsRequest,
    { bucket, key, source }: S3Operation,
    response: BackendResponse,
  ): BackendResponse {
    if (response.status < 400) return response;
    const text = response.body.toString();
    // The answer to a HEAD says nothing but its status.
    const code = request.method === 'HEAD' ? undefined : /<Code>(\w+)<\/Code>/.exec(text)?.[1];
    const missing = request.method === 'HEAD' ? key && response.status === 404 : code === 'NoSuchKey';
    if (missing) throw missingKey(request, source?.bucket ?? bucket);
    if (!code && request.method !== 'HEAD')
      throw new AwsError('InternalError', `fauxqs answered ${response.status}: ${text}`, 500);
    return response;
  }

  async function read(request: AwsRequest, operation: S3Operation): Promise<AwsResponse> {
    const conditional = Object.keys(request.headers).some((name) => name.startsWith('if-'));
    if (!conditional) return forward(request, operation);
    return alone(async () => {
      const state = await stateOf(operation.bucket, operation.key);
      const condition = state ? readCondition(request.headers, state) : 'proceed';
      if (condition === 412) throw preconditionFailed('If-Match');
      if (condition === 304) return { status: 304, headers: { etag: state?.etag ?? '' } };
      return forward(request, operation, /^if-/);
    });
  }

  async function write(request: AwsRequest, operation: S3Operation): Promise<BackendResponse> {
    const { bucket, key, source } = operation;
    if (request.headers['if-match'] !== undefined || request.headers['if-none-match'] !== undefined)
      checkWrite(request.headers, await stateOf(bucket, key));
    if (source) {
      const state = await stateOf(source.bucket, source.key);
      if (state) checkCopySource(request.headers, state);
    }
    const response = await forward(request, operation, /^if-/);
    trackUploads(request, operation, response);
    return response;
  }

  function trackUploads(
    { query }: AwsRequest,
    { name, bucket, key }: S3Operation,
    response: BackendResponse,
  ): void {
    if (response.status >= 300) return;
    const uploadId = /<UploadId>(.+)<\/UploadId>/.exec(response.body.toString())?.[1];
    if (name === 'CreateMultipartUpload' && uploadId)
      openUploads.set(uploadId, { uploadId, bucket, key, initiated: new Date(), parts: new Map() });
    if (name === 'UploadPart' || name === 'UploadPartCopy') {
      const etag = response.headers.etag ?? /<ETag>(.+)<\/ETag>/.exec(response.body.toString())?.[1] ?? '';
      openUploads.get(query.get('uploadId') ?? '')?.parts.set(Number(query.get('partNumber')), etag);
    }
    if (name === 'CompleteMultipartUpload' || name === 'AbortMultipartUpload')
      openUploads.delete(query.get('uploadId') ?? '');
  }

  function listUploads(bucket: string, prefix: string): AwsResponse {
    const uploads = [...openUploads.values()]
      .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
      .map(
        ({ key, uploadId, initiated }) =>
          `<Upload><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId>` +
          `<Initiated>${initiated.toISOString()}</Initiated></Upload>`,
      );
    return xml(
      `<ListMultipartUploadsResult xmlns="${NAMESPACE}"><Bucket>${bucket}</Bucket>` +
        `<IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`,
    );
  }

  /** The parts of an open upload, all at once. Their sizes, which nobody here asks for, are not in it. */
  function listParts({ bucket, key }: S3Operation, uploadId: string): AwsResponse {
    const upload = openUploads.get(uploadId);
    if (upload?.bucket !== bucket || upload.key !== key)
      throw new AwsError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
    const parts = [...upload.parts]
      .sort(([a], [b]) => a - b)
      .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`);
    return xml(
      `<ListPartsResult xmlns="${NAMESPACE}"><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key>` +
        `<UploadId>${uploadId}</UploadId><IsTruncated>false</IsTruncated>${parts.join('')}</ListPartsResult>`,
    );
  }

  return {
    signingName: 's3',
    authorizations: (request) => authorizationsOf(readOperation(request), request),
    async handle(request) {
      const operation = readOperation(request);
      checkOwner(request);
      checkAcl(request, operation, buckets);
      switch (operation.name) {
        case 'GetBucketLocation':
          // S3 names the location us-east-1 by leaving it out.
          return xml(`<LocationConstraint xmlns="${NAMESPACE}"/>`);
        case 'GetBucketPolicy':
        case 'GetBucketOwnershipControls':
        case 'GetBucketEncryption':
        case 'GetPublicAccessBlock':
          return bucketSetting(
            operation.name,
            buckets.find(({ name }) => name === operation.bucket),
            policies[`arn:aws:s3:::${operation.bucket}`],
          );
        case 'ListMultipartUploads':
          return listUploads(operation.bucket, request.query.get('prefix') ?? '');
        case 'ListParts':
          return listParts(operation, request.query.get('uploadId') ?? '');
        case 'UploadPart':
        case 'UploadPartCopy':
          // Parts of an upload replace nothing, so that they may come side by side.
          return write(request, operation);
        case 'HeadBucket': {
          const { status, headers } = await forward(request, operation);
          return { status, headers: { ...headers, 'x-amz-bucket-region': LOCAL_REGION } };
        }
        case 'GetObject':
        case 'HeadObject':
          return read(request, operation);
        case 'ListBuckets':
        case 'ListObjects':
        case 'ListObjectsV2':
        case 'GetObjectAttributes':
          return forward(request, operation);
        default:
          return alone(() => write(request, operation));
      }
    },
    errorResponse({ code, message, status }) {
      const name = code === 'AccessDeniedException' ? 'AccessDenied' : code;
      return xml(`<Error><Code>${name}</Code><Message>${escapeXml(message)}</Message></Error>`, status);
    },
  };
}

function objectUrl(bucket: string, key: string): string {
  return `/${encodeURIComponent(bucket)}${key && `/${key.split('/').map(encodeURIComponent).join('/')}`}`;
}

/** Everything here belongs to this account; who expects another owner is refused. */
function checkOwner({ headers }: AwsRequest): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const expected = headers[name];
    if (expected !== undefined && expected !== LOCAL_ACCOUNT_ID)
      throw new AwsError('AccessDenied', `Access Denied: the bucket's owner is not ${expected}`, 403);
  }
}

function checkAcl({ headers }: AwsRequest, { bucket }: S3Operation, buckets: readonly S3Bucket[]): void {
  const acl = headers['x-amz-acl'];
  if (!acl || acl === 'bucket-owner-full-control') return;
  const target = buckets.find(({ name }) => name === bucket);
  if (target?.publicAccessBlock?.blockPublicAcls && acl.startsWith('public-'))
    throw new AwsError('AccessDenied', 'Access Denied: the bucket blocks public ACLs', 403);
  if (target?.acceptsAcls === false)
    throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400);
}

function xml(body: string, status = 200): AwsResponse {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
