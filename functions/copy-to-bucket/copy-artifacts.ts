import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { DeliveredArtifact } from '../../statemachine/contract.ts';
import { type CopyOptions, copyVideo } from './copy-video.ts';

/** S3 takes many requests at once, a small function does not. */
const MAX_CONCURRENCY = 8;

/** Bytes of artifacts that the execution's output and event name, of 256 KiB that both may have. */
const MAX_LISTED_BYTES = 100 * 1024;

/** Artifacts where they were wanted, and the objects that they were copied from. */
export interface CopiedArtifacts {
  readonly artifacts: readonly DeliveredArtifact[];
  readonly sourceKeys: readonly string[];
}

/** A file that a composition emitted (`<Artifact>`), where Remotion left it. */
interface EmittedArtifact {
  readonly filename: string;
  readonly key: string;
  readonly sizeInBytes: number;
}

/**
 * Copies what a composition has emitted beside its video, each file under the same conditions as the video: to
 * `<key of the video without its extension>/<filename>`.
 * Source: https://www.remotion.dev/docs/artifacts
 *
 * @param video How the video is copied.
 * @throws WorkflowError `DestinationExists`, `VideoNotCopied`
 */
export async function copyArtifacts(video: CopyOptions): Promise<CopiedArtifacts> {
  const emitted = await listArtifacts(video.s3, video.source.bucket, video.renderId);
  const artifacts = await eachOf(emitted, async ({ filename, key, sizeInBytes }) => {
    const destination = { ...video.destination, key: artifactKey(video.destination.key, filename) };
    const copied = await copyVideo({
      ...video,
      what: 'artifact',
      source: { ...video.source, key },
      sizeInBytes,
      destination,
      // A name to download the video under is none for its captions; their kind is as Remotion has it.
      settings: { ...video.settings, ContentType: undefined, ContentDisposition: undefined },
    });
    return { filename, key: destination.key, sizeInBytes: copied.sizeInBytes };
  });
  return { artifacts, sourceKeys: emitted.map(({ key }) => key) };
}

/** What an output can name of the artifacts, and how many it cannot. */
export function listedArtifacts(artifacts: readonly DeliveredArtifact[]): {
  artifacts: DeliveredArtifact[];
  artifactsNotListed?: number;
} {
  let bytes = 0;
  const listed = artifacts.filter((artifact) => {
    bytes += Buffer.byteLength(JSON.stringify(artifact));
    return bytes <= MAX_LISTED_BYTES;
  });
  const left = artifacts.length - listed.length;
  return { artifacts: listed, ...(left > 0 && { artifactsNotListed: left }) };
}

/** Beside `videos/a.mp4`: `videos/a/captions.srt`. */
function artifactKey(videoKey: string, filename: string): string {
  return `${videoKey.replace(/\.[^./]+$/, '')}/${filename}`;
}

async function listArtifacts(s3: S3Client, Bucket: string, renderId: string): Promise<EmittedArtifact[]> {
  const prefix = `renders/${renderId}/artifacts/`;
  const found: EmittedArtifact[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix })) {
    for (const { Key = '', Size = 0 } of Contents)
      found.push({ filename: Key.slice(prefix.length), key: Key, sizeInBytes: Size });
  }
  return found;
}

/** Results in the order of the items; the first error ends it, when what is under way has ended. */
async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      results[index] = await work(item);
    }
  };
  const workers = Array.from({ length: Math.min(MAX_CONCURRENCY, items.length) }, () =>
    worker().catch((error) => {
      failed = true;
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return results;
}
