import { type Authorization, AwsError, type AwsRequest } from '../aws.ts';

/** What a request asks S3 to do. Keys are decoded. */
export interface S3Operation {
  readonly name: S3OperationName;
  readonly bucket: string;
  /** Empty for an operation on a bucket. */
  readonly key: string;
  /** The object that CopyObject and UploadPartCopy read. */
  readonly source?: { readonly bucket: string; readonly key: string };
}

export type S3OperationName = (typeof OPERATIONS)[number]['name'];

/** How operations show in a request. The first that fits is meant; parameters that it does not list are refused. */
const OPERATIONS = [
  { name: 'ListBuckets', on: 'service', method: 'GET' },
  { name: 'HeadBucket', on: 'bucket', method: 'HEAD' },
  { name: 'CreateBucket', on: 'bucket', method: 'PUT' },
  { name: 'DeleteBucket', on: 'bucket', method: 'DELETE' },
  { name: 'DeleteObjects', on: 'bucket', method: 'POST', needs: ['delete'] },
  { name: 'GetBucketLocation', on: 'bucket', method: 'GET', needs: ['location'] },
  { name: 'GetBucketPolicy', on: 'bucket', method: 'GET', needs: ['policy'] },
  { name: 'GetBucketOwnershipControls', on: 'bucket', method: 'GET', needs: ['ownershipControls'] },
  { name: 'GetBucketEncryption', on: 'bucket', method: 'GET', needs: ['encryption'] },
  { name: 'GetPublicAccessBlock', on: 'bucket', method: 'GET', needs: ['publicAccessBlock'] },
  { name: 'ListMultipartUploads', on: 'bucket', method: 'GET', needs: ['uploads'], takes: ['prefix'] },
  {
    name: 'ListObjectsV2',
    on: 'bucket',
    method: 'GET',
    needs: ['list-type'],
    takes: ['prefix', 'delimiter', 'max-keys', 'start-after', 'continuation-token', 'fetch-owner'],
  },
  { name: 'ListObjects', on: 'bucket', method: 'GET', takes: ['prefix', 'delimiter', 'max-keys', 'marker'] },
  { name: 'GetObjectAttributes', on: 'object', method: 'GET', needs: ['attributes'] },
  {
    name: 'ListParts',
    on: 'object',
    method: 'GET',
    needs: ['uploadId'],
    takes: ['max-parts', 'part-number-marker'],
  },
  { name: 'GetObject', on: 'object', method: 'GET', takes: ['partNumber'] },
  { name: 'HeadObject', on: 'object', method: 'HEAD' },
  { name: 'UploadPartCopy', on: 'object', method: 'PUT', needs: ['uploadId', 'partNumber'], copies: true },
  { name: 'UploadPart', on: 'object', method: 'PUT', needs: ['uploadId', 'partNumber'] },
  { name: 'CopyObject', on: 'object', method: 'PUT', copies: true },
  { name: 'PutObject', on: 'object', method: 'PUT' },
  { name: 'CreateMultipartUpload', on: 'object', method: 'POST', needs: ['uploads'] },
  { name: 'CompleteMultipartUpload', on: 'object', method: 'POST', needs: ['uploadId'] },
  { name: 'AbortMultipartUpload', on: 'object', method: 'DELETE', needs: ['uploadId'] },
  { name: 'DeleteObject', on: 'object', method: 'DELETE' },
] as const satisfies readonly {
  name: string;
  on: 'service' | 'bucket' | 'object';
  method: string;
  needs?: readonly string[];
  takes?: readonly string[];
  copies?: true;
}[];

/** Parameters that say nothing about the operation: of the SDK, the CLI and presigned addresses. */
const COMMON_PARAMETERS = /^(x-id|encoding-type|X-Amz-.*)$/;

/** Headers whose effect nothing here has; to ignore them would be a lie. */
const REFUSED_HEADERS = /^x-amz-(grant-|object-lock-|write-offset|.*server-side-encryption-customer-)/;

/** The operation that a request asks for. Throws AwsError `NotImplemented`, which names what is not done here. */
export function readOperation({ method, path, query, headers }: AwsRequest): S3Operation {
  // Its requests look as if they were for objects.
  if (headers['x-amz-account-id'] !== undefined) throw notImplemented('S3 Control, of the whole account');
  const { bucket, key } = readPath(path);
  const on = key ? 'object' : bucket ? 'bucket' : 'service';
  const copies = headers['x-amz-copy-source'] !== undefined;
  const operation = OPERATIONS.find(
    (candidate) =>
      candidate.on === on &&
      candidate.method === method &&
      ('needs' in candidate ? candidate.needs : []).every((name) => query.has(name)) &&
      (!('copies' in candidate) || copies),
  );
  if (!operation) throw notImplemented(`${method} of ${on === 'service' ? 'the service' : `one ${on}`}`);

  const listed: string[] = [
    ...('needs' in operation ? operation.needs : []),
    ...('takes' in operation ? operation.takes : []),
  ];
  const parameter = [...query.keys()].find((name) => !COMMON_PARAMETERS.test(name) && !listed.includes(name));
  if (parameter) throw notImplemented(subresourceOperation(method, on, parameter));
  const header = Object.keys(headers).find((name) => REFUSED_HEADERS.test(name));
  if (header) throw notImplemented(`${operation.name} with the header ${header}`);

  const source = copies ? readCopySource(headers['x-amz-copy-source'] ?? '') : undefined;
  return { name: operation.name, bucket, key, source };
}

/** What IAM must allow for an operation, as the S3 documentation lists it. */
export function authorizationsOf(operation: S3Operation, request: AwsRequest): Authorization[] {
  const { name, bucket, key, source } = operation;
  const onBucket = `arn:aws:s3:::${bucket}`;
  const onObject = `${onBucket}/${key}`;
  const conditions = headerConditions(request);
  switch (name) {
    case 'ListBuckets':
      return [{ action: 's3:ListAllMyBuckets', resource: 'arn:aws:s3:::*' }];
    case 'HeadBucket':
      return [{ action: 's3:ListBucket', resource: onBucket }];
    case 'ListObjects':
    case 'ListObjectsV2':
      return [{ action: 's3:ListBucket', resource: onBucket, conditions: listConditions(request) }];
    case 'GetBucketEncryption':
      return [{ action: 's3:GetEncryptionConfiguration', resource: onBucket }];
    case 'GetPublicAccessBlock':
      return [{ action: 's3:GetBucketPublicAccessBlock', resource: onBucket }];
    case 'ListMultipartUploads':
      return [{ action: 's3:ListBucketMultipartUploads', resource: onBucket }];
    case 'ListParts':
      return [{ action: 's3:ListMultipartUploadParts', resource: onObject }];
    case 'GetObject':
    case 'HeadObject':
      return [{ action: 's3:GetObject', resource: onObject }];
    case 'GetObjectAttributes':
      return ['s3:GetObject', 's3:GetObjectAttributes'].map((action) => ({ action, resource: onObject }));
    case 'PutObject':
    case 'CopyObject':
    case 'CreateMultipartUpload':
    case 'UploadPart':
    case 'UploadPartCopy':
    case 'CompleteMultipartUpload':
      return [
        ...(source
          ? [{ action: 's3:GetObject', resource: `arn:aws:s3:::${source.bucket}/${source.key}` }]
          : []),
        { action: 's3:PutObject', resource: onObject, conditions },
        ...(request.headers['x-amz-acl']
          ? [{ action: 's3:PutObjectAcl', resource: onObject, conditions }]
          : []),
        ...(request.headers['x-amz-tagging'] ? [{ action: 's3:PutObjectTagging', resource: onObject }] : []),
      ];
    case 'DeleteObjects':
      // AWS answers 200 and names the keys it may not delete; here one of them refuses the request.
      return deletedKeys(request.body).map((deleted) => ({
        action: 's3:DeleteObject',
        resource: `${onBucket}/${deleted}`,
      }));
    default:
      return [{ action: `s3:${name}`, resource: key ? onObject : onBucket }];
  }
}

function readPath(path: string): { bucket: string; key: string } {
  const [, bucket = '', ...rest] = path.split('/');
  const key = decode(rest.join('/'));
  checkKey(key);
  return { bucket: decode(bucket), key };
}

function readCopySource(header: string): { bucket: string; key: string } {
  if (/\?versionId=/.test(header)) throw notImplemented('a copy source with a versionId');
  const [bucket = '', ...rest] = decode(header.replace(/^\//, '')).split('/');
  const key = rest.join('/');
  if (!bucket || !key)
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key', 400);
  checkKey(key);
  return { bucket, key };
}

/** The backend's address parser would follow them, so that IAM would have judged another key than the one read. */
function checkKey(key: string): void {
  if (key.split('/').some((segment) => segment === '.' || segment === '..'))
    throw notImplemented(`the key "${key}", which has . or .. between slashes`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", 400);
  }
}

function listConditions({ query }: AwsRequest): Record<string, string> {
  return Object.fromEntries(
    ['prefix', 'delimiter', 'max-keys']
      .filter((name) => query.has(name))
      .map((name) => [`s3:${name}`, query.get(name) ?? '']),
  );
}

function headerConditions({ headers }: AwsRequest): Record<string, string> {
  const names = [
    'if-match',
    'if-none-match',
    'x-amz-acl',
    'x-amz-copy-source',
    'x-amz-metadata-directive',
    'x-amz-server-side-encryption',
    'x-amz-server-side-encryption-aws-kms-key-id',
    'x-amz-storage-class',
  ];
  return Object.fromEntries(names.flatMap((name) => (headers[name] ? [[`s3:${name}`, headers[name]]] : [])));
}

function deletedKeys(body: Buffer): string[] {
  const text = body.toString();
  if (text.includes('<VersionId>')) throw notImplemented('DeleteObjects with a VersionId');
  return [...text.matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, key = '']) => unescapeXml(key));
}

function unescapeXml(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
}

/** `PUT ?tagging` of an object is PutObjectTagging: S3 names nearly all subresources so. */
function subresourceOperation(method: string, on: string, parameter: string): string {
  const pascal = (text: string): string =>
    text.replace(/(^|-)(\w)/g, (_, _dash, letter) => letter.toUpperCase());
  return `${pascal(method.toLowerCase())}${pascal(on)}${pascal(parameter)} (?${parameter})`;
}

function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `The one-machine run's S3 does not do ${what}.`, 501);
}
