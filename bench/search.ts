import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { findRender } from '../functions/render/find-render.ts';
import type { RenderClaim } from '../functions/render/render-claims.ts';
import { RENDER_ID_LETTERS } from '../functions/render/render-id.ts';
import { seededRandom } from '../proof/faults/seeded-random.ts';
import { PRICES } from './prices.ts';
import { describeMachine, printTable } from './print-table.ts';

/** What looking for the render of a lost answer takes, as docs/performance.md shows it. */
const OBJECTS = [1_000, 10_000, 100_000, 1_000_000];

/** Of each request, in milliseconds, without the time that this machine takes to read the answer. */
const LATENCY_IN_MS = 100;

/** Renders that write their progress while another one is looked for. */
const LIVE_RENDERS = 100;

/** S3 lists no more at once. */
const PAGE_SIZE = 1000;

const CLAIM: RenderClaim = {
  state: 'starting',
  owner: 'arn:aws:states:us-east-1:123456789012:execution:Bench:a',
  attempt: 1,
  claimedAt: Date.now(),
  requestHash: '',
  token: '0f8fad5b-d9cb-469f-a165-70867728950e',
};

/** A bucket's renders behind the SDK's client, with the pages of their lists made beforehand. */
class BucketOfRenders {
  readonly requests = { lists: 0, reads: 0 };
  readonly #pages = new Map<string, Buffer>();

  constructor(objects: number) {
    const random = seededRandom(1);
    const letter = () => RENDER_ID_LETTERS[Math.floor(random() * RENDER_ID_LETTERS.length)] as string;
    const ids = Array.from({ length: objects / 2 }, () => Array.from({ length: 10 }, letter).join('')).sort();
    const live = new Set(Array.from({ length: LIVE_RENDERS }, () => ids[Math.floor(random() * ids.length)]));
    for (const first of RENDER_ID_LETTERS) {
      const own = ids.filter((id) => id.startsWith(first));
      const entries = own.flatMap((id) => [
        entry(id, 'out.mp4', false),
        entry(id, 'progress.json', live.has(id)),
      ]);
      for (let from = 0; from === 0 || from < entries.length; from += PAGE_SIZE) {
        const after = entries[from - 1]?.key ?? '';
        const page = entries.slice(from, from + PAGE_SIZE).map(({ xml }) => xml);
        const isTruncated = from + PAGE_SIZE < entries.length;
        this.#pages.set(`renders/${first} ${after}`, Buffer.from(listOf(page, isTruncated)));
      }
    }
  }

  async answer(path: string, query: Record<string, string>): Promise<{ status: number; body: Buffer }> {
    await sleep(LATENCY_IN_MS);
    if (query.prefix === undefined) {
      this.requests.reads += 1;
      return { status: 200, body: Buffer.from(progressOf(path)) };
    }
    this.requests.lists += 1;
    const body = this.#pages.get(`${query.prefix} ${query['start-after'] ?? ''}`);
    if (!body) throw new Error(`No list of ${JSON.stringify(query)}`);
    return { status: 200, body };
  }
}

function entry(id: string, file: string, isLive: boolean): { key: string; xml: string } {
  const key = `renders/${id}/${file}`;
  const written = new Date(isLive ? Date.now() : 0).toISOString();
  return {
    key,
    xml: `<Contents><Key>${key}</Key><LastModified>${written}</LastModified><ETag>&quot;78463441082dd30508371c6db107c80f&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>4096</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  };
}

function listOf(entries: readonly string[], isTruncated: boolean): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>remotionlambda</Name><KeyCount>${entries.length}</KeyCount><MaxKeys>${PAGE_SIZE}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>${entries.join('')}</ListBucketResult>`;
}

/** Of another render, as large as one of Remotion's. */
function progressOf(path: string): string {
  const props = { type: 'payload', payload: 'x'.repeat(20_000) };
  const downloadBehavior = { type: 'download', fileName: path };
  return JSON.stringify({ renderMetadata: { startedDate: 0, downloadBehavior, inputProps: props } });
}

async function measure(objects: number): Promise<string[]> {
  const bucket = new BucketOfRenders(objects);
  const s3 = new S3Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: {
      async handle({ path, query }: { path: string; query: Record<string, string> }) {
        const { status: statusCode, body } = await bucket.answer(path, query);
        return { response: { statusCode, headers: {}, body: Readable.from([body]) } };
      },
    } as never,
  });
  const cpu = process.cpuUsage();
  const begun = performance.now();
  // The worst case: all is looked through in vain.
  if (await findRender(s3, 'remotionlambda', 'job', CLAIM)) throw new Error('Nothing was to be found.');
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { lists, reads } = bucket.requests;
  const usd = lists * PRICES.s3Write + reads * PRICES.s3Read;
  return [
    objects.toLocaleString('en'),
    String(lists),
    String(reads),
    seconds.toFixed(1),
    ((user + system) / 1e6).toFixed(1),
    usd.toFixed(5),
    ((lists + reads) * (LATENCY_IN_MS / 1000)).toFixed(1),
  ];
}

const rows = [];
for (const objects of OBJECTS) rows.push(await measure(objects));
console.log(`${describeMachine()}; ${LATENCY_IN_MS} ms a request, ${LIVE_RENDERS} renders that write\n`);
printTable(
  ['objects under `renders/`', 'lists', 'reads', 'seconds', 'of the processor', 'USD', 'one after the other'],
  rows,
  '---:',
);
