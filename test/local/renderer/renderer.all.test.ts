import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stack } from 'aws-cdk-lib/core';
import { readCloudAssembly } from '../../../local/cloud-assembly/read-cloud-assembly.ts';
import { startGateway } from '../../../local/gateway.ts';
import { ADMINISTRATOR } from '../../../local/launch.ts';
import { type OneMachine, startOneMachine } from '../../../local/one-machine.ts';
import { RemotionRenderer, type RemotionRendererProps } from '../../../stacks/renderer/remotion-renderer.ts';
import { synthesize, temporaryFolder } from '../cloud-assembly/synthesize.ts';

const folder = temporaryFolder();
const site = join(folder.path, 'site');
mkdirSync(join(site, 'public', 'sounds'), { recursive: true });
writeFileSync(join(site, 'index.html'), '<html>');
writeFileSync(join(site, 'bundle.js'), 'x');
writeFileSync(join(site, 'public', 'sounds', 'chime.mp3'), 'y');
writeFileSync(join(site, 'public', 'unknown.xyz'), 'z');

const started: OneMachine[] = [];
afterAll(async () => {
  for (const machine of started) await machine.stop();
  folder.remove();
});

/** A renderer of the template on this machine, its site deployed. */
async function startRenderer(
  props: RemotionRendererProps = {},
  change: (renderer: RemotionRenderer) => void = () => {},
) {
  const gateway = await startGateway();
  let siteFolder = '';
  const assembly = synthesize(folder.path, (stack: Stack) => {
    const renderer = new RemotionRenderer(stack, 'Renderer', { sites: { promo: site }, ...props });
    siteFolder = renderer.siteFolders.promo ?? '';
    change(renderer);
  });
  let stop = gateway.stop;
  try {
    const stack = readCloudAssembly(assembly, { endpoint: gateway.endpoint });
    const machine = await startOneMachine({ gateway, stack, log: () => {} });
    stop = machine.stop;
    await machine.deploy();
    started.push(machine);
    const { endpoint } = gateway;
    const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials: ADMINISTRATOR });
    const bucket = stack.buckets[0]?.name ?? '';
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'renders/a/out.mp4', Body: 'video' }));
    const [distribution] = stack.distributions;
    return { machine, s3, bucket, siteFolder, distribution, inBucket: `${endpoint}/${bucket}`, endpoint };
  } catch (error) {
    await stop();
    throw error;
  }
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

describe('a renderer whose sites are read through CloudFront', () => {
  let renderer: Awaited<ReturnType<typeof startRenderer>>;
  let address: string;
  beforeAll(async () => {
    renderer = await startRenderer();
    address = `${renderer.endpoint}/_aws/cloudfront/${renderer.distribution?.id}`;
  });

  test.each([
    ['index.html', 'text/html; charset=utf-8'],
    ['bundle.js', 'text/javascript; charset=utf-8'],
    ['public/sounds/chime.mp3', 'audio/mpeg'],
    ['public/unknown.xyz', 'application/octet-stream'],
  ])('has %s of its site deployed, with its type, for ever', async (file, type) => {
    const { status, headers } = await fetch(`${address}/${renderer.siteFolder}/${file}`);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
  });

  test('shows nothing else, and nothing at all to those who ask S3 without a signature', async () => {
    const { inBucket, siteFolder } = renderer;
    for (const url of [
      `${address}/../renders/a/out.mp4`,
      `${address}/%2e%2e/renders/a/out.mp4`,
      `${address}/renders/a/out.mp4`,
      `${inBucket}/renders/a/out.mp4`,
      `${inBucket}/${'sites'}/${siteFolder}/index.html`,
      `${inBucket}?list-type=2`,
    ])
      expect([url, (await statusOf(url)) >= 400]).toEqual([url, true]);
  });

  test('deploys its site by calls that its role is allowed, and by no others', () => {
    const calls = renderer.machine.calls.filter(({ principal }) => principal.includes('DeployRole'));
    expect(calls.length).toBe(4);
    for (const { action, resource, decision } of calls)
      expect([action, decision, resource.includes(`/sites/${renderer.siteFolder}/`)]).toEqual([
        's3:PutObject',
        'Allow',
        true,
      ]);
  });

  test("takes Remotion's ACL private, and refuses one that is public", async () => {
    const put = (ACL: 'private' | 'public-read') =>
      renderer.s3.send(new PutObjectCommand({ Bucket: renderer.bucket, Key: 'renders/a/b', Body: 'x', ACL }));
    await put('private');
    await expect(put('public-read')).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

test('a renderer with a public prefix shows its sites without a signature, and nothing beside them', async () => {
  const { inBucket, siteFolder } = await startRenderer({ siteAccess: 'public-prefix' });
  expect(await statusOf(`${inBucket}/sites/${siteFolder}/index.html`)).toBe(200);
  expect(await statusOf(`${inBucket}/renders/a/out.mp4`)).toBe(403);
  expect(await statusOf(`${inBucket}?list-type=2`)).toBe(403);
});

test('a policy that is public is refused where the bucket blocks public policies', async () => {
  const everybody = new PolicyStatement({
    actions: ['s3:GetObject'],
    principals: [new AnyPrincipal()],
    resources: ['*'],
  });
  await expect(startRenderer({}, ({ bucket }) => bucket.addToResourcePolicy(everybody))).rejects.toThrow(
    /S3 refuses its policy, which is public: BlockPublicPolicy/,
  );
});

test('a site that cannot be deployed stops the machine with the reason', async () => {
  const never = (renderer: RemotionRenderer) =>
    renderer.bucket.addToResourcePolicy(
      PolicyStatement.fromJson({
        Effect: 'Deny',
        Action: 's3:PutObject',
        Principal: '*',
        Resource: `${renderer.bucket.bucketArn}/sites/*`,
      }),
    );
  await expect(startRenderer({}, never)).rejects.toThrow(/^Create of .* failed: AccessDenied: /);
});
