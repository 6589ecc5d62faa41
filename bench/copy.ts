import { setTimeout as sleep } from 'node:timers/promises';
import { CopyObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { copyVideo } from '../functions/copy-to-bucket/copy-video.ts';
import { LOCAL_ACCOUNT_ID } from '../local/aws.ts';
import { type Interceptor, startGateway } from '../local/gateway.ts';
import { AccessControl } from '../local/iam/access-control.ts';
import { createS3Service } from '../local/s3/s3-service.ts';
import { modelledObjects } from './modelled-objects.ts';
import { copyCostInUsd } from './prices.ts';
import { describeMachine, printTable } from './print-table.ts';

/**
 * A model of S3, not S3: each request takes this long, and each copy gets this bandwidth of its own. The bandwidth
 * is what one CopyObject is reported to reach, 250 MB in some 3 s. What S3 does with many copies at once is not
 * modelled: it documents 3,500 writes a second for a prefix, of which 24 at once are far away.
 */
const LATENCY_IN_MS = 40;
const BYTES_PER_SECOND = 250e6 / 3;

const MIB = 1024 ** 2;
const SIZES_IN_MIB = [64, 128, 256, 1024, 2048, 5 * 1024 - 1];

const SOURCE = { bucket: 'remotion', key: 'renders/abc/out.mp4' };

interface Copied {
  readonly seconds: number;
  readonly methods: readonly string[];
  /** Growth of the process's memory at its highest, in MiB. */
  readonly memoryInMib: number;
}

/** Runs one copy against the local S3 service over modelled objects. */
async function measure(sizeInBytes: number, copy: (s3: S3Client) => Promise<unknown>): Promise<Copied> {
  const methods: string[] = [];
  const intercept: Interceptor = async ({ request }, next) => {
    methods.push(request.method);
    await sleep(LATENCY_IN_MS + (copiedBytes(request.headers, sizeInBytes) / BYTES_PER_SECOND) * 1000);
    return next();
  };
  const gateway = await startGateway();
  const access = new AccessControl({ roles: [], resourcePolicies: {} });
  const backend = modelledObjects({ [`/${SOURCE.bucket}/${SOURCE.key}`]: sizeInBytes });
  const s3Service = await createS3Service({ backend, access, buckets: [] });
  gateway.serve({ access, services: [s3Service], intercept });
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const s3 = new S3Client({ endpoint: gateway.endpoint, region: 'us-east-1', credentials });
  let highest = 0;
  const before = process.memoryUsage().rss;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss - before);
  }, 50);
  try {
    const begun = performance.now();
    await copy(s3);
    return { seconds: (performance.now() - begun) / 1000, methods, memoryInMib: highest / MIB };
  } finally {
    clearInterval(watch);
    s3.destroy();
    await gateway.stop();
  }
}

function copiedBytes(headers: Readonly<Record<string, string | undefined>>, sizeInBytes: number): number {
  if (headers['x-amz-copy-source'] === undefined) return 0;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['x-amz-copy-source-range'] ?? '') ?? [];
  return first === undefined ? sizeInBytes : Number(last) - Number(first) + 1;
}

/** The plain way: look at the video, copy it in one go, look at the copy. */
async function copyPlainly(s3: S3Client): Promise<void> {
  const copy = { Bucket: 'videos', Key: 'plain.mp4' };
  await s3.send(new HeadObjectCommand({ Bucket: SOURCE.bucket, Key: SOURCE.key }));
  await s3.send(
    new CopyObjectCommand({ ...copy, CopySource: `${SOURCE.bucket}/${encodeURIComponent(SOURCE.key)}` }),
  );
  await s3.send(new HeadObjectCommand(copy));
}

function copyOurWay(s3: S3Client, sizeInBytes: number): Promise<unknown> {
  return copyVideo({
    s3,
    inRegion: () => s3,
    source: { ...SOURCE, owner: LOCAL_ACCOUNT_ID },
    sizeInBytes,
    destination: { bucket: 'videos', key: 'ours.mp4', owner: LOCAL_ACCOUNT_ID },
    renderId: 'abc',
    settings: { ContentType: 'video/mp4' },
    overwrite: false,
  });
}

console.log(
  `A model of S3 (${LATENCY_IN_MS} ms a request, ${(BYTES_PER_SECOND / 1e6).toFixed(0)} MB/s a copy); ${describeMachine()}\n`,
);
// The first requests of a process are slower.
await measure(MIB, copyPlainly);
const rows: string[][] = [];
for (const sizeInMib of SIZES_IN_MIB) {
  const size = sizeInMib * MIB;
  const plain = await measure(size, copyPlainly);
  const ours = await measure(size, (s3) => copyOurWay(s3, size));
  const cost = (copied: Copied) => copyCostInUsd(copied.methods, copied.seconds);
  rows.push([
    `${sizeInMib} MiB`,
    `${plain.seconds.toFixed(2)} s`,
    `${ours.seconds.toFixed(2)} s`,
    `${(plain.seconds / ours.seconds).toFixed(1)}×`,
    `${plain.methods.length}`,
    `${ours.methods.length}`,
    `$${(cost(plain) * 1000).toFixed(3)}`,
    `$${(cost(ours) * 1000).toFixed(3)}`,
    `${ours.memoryInMib.toFixed(0)} MiB`,
  ]);
}
printTable(
  [
    'size',
    'one CopyObject',
    'this workflow',
    'speed-up',
    'requests: one',
    'ours',
    'cost of 1,000: one',
    'ours',
    'memory that ours adds',
  ],
  rows,
);
