import { get as httpGet } from 'node:http';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../local/aws.ts';
import { ConnectionReset, type GatewayCall } from '../../local/gateway.ts';
import { role, startTestGateway, type TestGateway } from './test-gateway.ts';

const Bucket = 'remotionlambda-useast1-local';
const reader = role('Reader', [
  { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/renders/*` },
  { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/input-props/*` },
]);
const lister = role('Lister', [
  { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: `arn:aws:s3:::${Bucket}*` },
]);
const narrowLister = role('NarrowLister', [
  { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
  {
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${Bucket}`,
    Condition: { StringLike: { 's3:prefix': 'renders/*' } },
  },
]);

let fault: ((call: GatewayCall) => 'before' | 'after' | undefined) | undefined;
let machine: TestGateway;
const clients: S3Client[] = [];

function s3(roleArn?: string, more: S3ClientConfig = {}): S3Client {
  const client = new S3Client({ ...machine.client(roleArn), ...more });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  machine = await startTestGateway({
    roles: [reader, lister, narrowLister],
    buckets: [{ name: Bucket, acceptsAcls: true }],
    resourcePolicies: {
      [`arn:aws:s3:::${Bucket}`]: [
        {
          Effect: 'Allow',
          Action: 's3:GetObject',
          Principal: '*',
          Resource: `arn:aws:s3:::${Bucket}/sites/*`,
        },
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${Bucket}/renders/locked`,
        },
      ],
    },
    async intercept(call, next) {
      const when = fault?.(call);
      if (when === 'before') throw new AwsError('SlowDown', 'Please reduce your request rate.', 503);
      const response = await next();
      if (when === 'after') throw new ConnectionReset();
      return response;
    },
  });
  const administrator = s3();
  for (const Key of ['renders/1', 'renders/locked', 'sites/index.html', 'secret'])
    await administrator.send(new PutObjectCommand({ Bucket, Key, Body: Key, ContentType: 'text/html' }));
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await machine.stop();
});

afterEach(() => {
  fault = undefined;
});

const get = (client: S3Client, Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));

test('a process with a role’s keys may do what the role may', async () => {
  await get(s3(reader.arn), 'renders/1');
  expect(machine.access.calls.at(-1)).toMatchObject({
    principal: reader.arn,
    action: 's3:GetObject',
    resource: `arn:aws:s3:::${Bucket}/renders/1`,
    decision: 'Allow',
  });
});

test('what the role may not is denied as AWS denies it, and logged', async () => {
  await expect(get(s3(reader.arn), 'secret')).rejects.toMatchObject({
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403 },
    message:
      'User: arn:aws:sts::123456789012:assumed-role/Reader/one-machine is not authorized to perform: s3:GetObject ' +
      `on resource: arn:aws:s3:::${Bucket}/secret because no identity-based policy allows the s3:GetObject action`,
  });
  expect(machine.access.calls.at(-1)).toMatchObject({ principal: reader.arn, decision: 'Deny' });
});

test('a bucket’s policy denies what the role’s policy allows', async () => {
  await expect(get(s3(reader.arn), 'renders/locked')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('explicit deny in a resource-based policy'),
  });
});

test('an upload with an ACL needs the permission to set it', async () => {
  const client = s3(reader.arn);
  const put = (more: object) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'input-props/1', Body: '{}', ...more }));
  await put({});
  await expect(put({ ACL: 'private' })).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('s3:PutObjectAcl'),
  });
  await expect(put({ Tagging: 'a=b' })).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('s3:PutObjectTagging'),
  });
});

test('a missing key reads as 403 without the permission to list, as 404 with it', async () => {
  await expect(get(s3(reader.arn), 'renders/missing')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(
    s3(reader.arn).send(new HeadObjectCommand({ Bucket, Key: 'renders/missing' })),
  ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await expect(get(s3(narrowLister.arn), 'renders/missing')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(get(s3(lister.arn), 'renders/missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(machine.access.calls.at(-1)).toMatchObject({
    principal: lister.arn,
    action: 's3:ListBucket',
    decision: 'Allow',
  });
});

test('a listing is judged by its prefix', async () => {
  const list = (Prefix: string) => s3(narrowLister.arn).send(new ListObjectsV2Command({ Bucket, Prefix }));
  expect((await list('renders/')).KeyCount).toBe(2);
  await expect(list('sites/')).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('anybody reads sites without a signature, and nothing else', async () => {
  const { endpoint } = machine.gateway;
  const site = await fetch(`${endpoint}/${Bucket}/sites/index.html`);
  expect({ type: site.headers.get('content-type'), body: await site.text() }).toEqual({
    type: 'text/html',
    body: 'sites/index.html',
  });
  expect((await fetch(`${endpoint}/${Bucket}/sites/index.html`, { method: 'HEAD' })).status).toBe(200);
  const refused = [
    [`${Bucket}/secret`, 'GET'],
    [`${Bucket}/sites/missing`, 'GET'],
    [`${Bucket}/sites/%2e%2e/secret`, 'GET'],
    [`${Bucket}?list-type=2`, 'GET'],
    [`${Bucket}/sites/index.html`, 'PUT'],
    [`${Bucket}/sites/index.html`, 'DELETE'],
  ] as const;
  for (const [path, method] of refused)
    expect([path, method, (await fetch(`${endpoint}/${path}`, { method })).ok]).toEqual([
      path,
      method,
      false,
    ]);
});

test('a presigned address is the call of whoever signed it', async () => {
  const { accessKeyId } = machine.access.issueCredentials(reader.arn);
  const presigned = (key: string, signer: string) =>
    fetch(
      `${machine.gateway.endpoint}/${Bucket}/${key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0` +
        `&X-Amz-Credential=${encodeURIComponent(`${signer}/20260131/us-east-1/s3/aws4_request`)}`,
    );
  expect(await (await presigned('renders/1', accessKeyId)).text()).toBe('renders/1');
  expect((await presigned('secret', accessKeyId)).status).toBe(403);
  expect((await presigned('secret', 'AKIAADMINISTRATOR')).status).toBe(200);
});

test('STS tells who the caller is', async () => {
  const whoAmI = async (accessKeyId: string) => {
    const response = await fetch(machine.gateway.endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260131/us-east-1/sts/aws4_request, Signature=0`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    return /<Arn>(.*)<\/Arn>/.exec(await response.text())?.[1];
  };
  expect(await whoAmI(machine.access.issueCredentials(reader.arn).accessKeyId)).toBe(
    'arn:aws:sts::123456789012:assumed-role/Reader/one-machine',
  );
  expect(await whoAmI('AKIAADMINISTRATOR')).toBe('arn:aws:iam::123456789012:user/administrator');
});

test('a service that the machine lacks is refused by name', async () => {
  const events = new EventBridgeClient(machine.client());
  await expect(events.send(new PutEventsCommand({ Entries: [{}] }))).rejects.toMatchObject({
    name: 'ServiceNotSupported',
    message: 'The one-machine run has no service "events".',
  });
  events.destroy();
});

test('an interceptor can answer in place of a service', async () => {
  fault = ({ service }) => (service === 's3' ? 'before' : undefined);
  await expect(get(s3(reader.arn), 'renders/1')).rejects.toMatchObject({
    name: 'SlowDown',
    $metadata: { httpStatusCode: 503 },
  });
});

test('an interceptor can cut the connection after the call took effect', async () => {
  fault = ({ authorizations }) => (authorizations[0]?.action === 's3:PutObject' ? 'after' : undefined);
  const administrator = s3();
  await expect(
    administrator.send(new PutObjectCommand({ Bucket, Key: 'cut', Body: 'arrived' })),
  ).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await (await get(administrator, 'cut')).Body?.transformToString()).toBe('arrived');
});

test('what is mounted at a path answers all that is below it, and nothing beside it', async () => {
  machine.gateway.mount('/_page', (request, response) => void response.end(`page ${request.url}`));
  const text = async (path: string) => (await fetch(machine.gateway.endpoint + path)).text();
  expect(await text('/_page')).toBe('page /_page');
  expect(await text('/_page/more?a=b')).toBe('page /_page/more?a=b');
  expect(await text('/_pages')).not.toContain('page /');
});

describe('only this machine can reach the gateway', () => {
  test('it listens on the loopback address', () => {
    expect(machine.gateway.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('it answers to no other name, as a page in a browser could have made one up', async () => {
    const { hostname, port } = new URL(machine.gateway.endpoint);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      const path = `/${Bucket}/sites/index.html`;
      httpGet({ hostname, port, path, headers }, ({ statusCode }) => resolve(statusCode)).on('error', reject);
    });
    expect(status).toBe(400);
  });

  test('only S3 takes a signature in the address, which any page could send', async () => {
    const query = 'X-Amz-Credential=AKIAADMINISTRATOR%2F20260131%2Fus-east-1%2Fsts%2Faws4_request';
    const response = await fetch(`${machine.gateway.endpoint}/?Action=GetCallerIdentity&${query}`);
    expect(await response.text()).not.toContain('GetCallerIdentityResult');
  });
});
