import type { Destination, RenderOptions } from '../../statemachine/contract.ts';
import { describeField, invalidRenderRequest } from '../../statemachine/parse-render-request.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { destinationKey } from './destination-key.ts';
import { contradicts, videoExtension } from './video-extension.ts';

/** S3's limit of an object key, in bytes. */
const MAX_KEY_BYTES = 1024;

/** Options of a render that have to do with where its video goes. */
type OptionsThatMatter = Partial<Pick<RenderOptions, 'codec' | 'audioCodec' | 'downloadBehavior'>>;

/**
 * S3's limit of what an object is served with, names and values together, in bytes.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#object-metadata
 */
const MAX_HEADER_BYTES = 2048;

/** Names of the headers that are sent in any case, and the longest Content-Type. */
const OTHER_HEADER_BYTES = 100;

/** What a stack allows of a destination. */
export interface AllowedDestinations {
  /** The stack's destination buckets, the default first. */
  readonly buckets: readonly string[];
  /** Whether CopyToBucket may set tags. */
  readonly tags: boolean;
}

/** @throws Error `MissingEnvironmentVariable` */
export function readAllowedDestinations(): AllowedDestinations {
  const { DESTINATION_BUCKET_NAMES } = requireEnvironment('DESTINATION_BUCKET_NAMES');
  return { buckets: DESTINATION_BUCKET_NAMES.split(','), tags: process.env.DESTINATION_TAGS === 'true' };
}

/**
 * Where a request's video will go: the bucket that it asks for, else the stack's first, and its key template.
 *
 * @throws WorkflowError `InvalidRenderRequest` when the stack may not write to the bucket that was asked for or
 * not set tags, the key would get too long, or its extension is that of another kind of file: better before the
 * render than after it.
 */
export function chooseDestination(
  {
    jobId,
    render = {},
    destination,
  }: { jobId: string; render?: OptionsThatMatter; destination?: Destination },
  { buckets, tags }: AllowedDestinations,
): Destination & { bucket: string } {
  const bucket = destination?.bucket ?? buckets[0];
  if (bucket === undefined || !buckets.includes(bucket)) {
    throw invalidRenderRequest([describeField('destination.bucket', bucket, buckets.join(' or '))]);
  }
  if (destination?.tags && !tags) {
    const accepted = 'no tags: this stack is deployed without destinationTags';
    throw invalidRenderRequest([describeField('destination.tags', destination.tags, accepted)]);
  }
  const chosen = { ...destination, ...disposition(render, destination), bucket };
  const headerBytes = Buffer.byteLength(`${chosen.cacheControl ?? ''}${chosen.contentDisposition ?? ''}`);
  if (headerBytes + OTHER_HEADER_BYTES > MAX_HEADER_BYTES) {
    const accepted = `cacheControl and contentDisposition (or downloadBehavior) of together at most ${MAX_HEADER_BYTES - OTHER_HEADER_BYTES} bytes`;
    throw invalidRenderRequest([describeField('destination', `${headerBytes} bytes`, accepted)]);
  }
  const template = destination?.key;
  if (template === undefined) return chosen;
  const extension = videoExtension(render);
  const longest = destinationKey(template, {
    jobId,
    renderId: 'x'.repeat(32),
    outputKey: `out.${extension ?? 'xxxxx'}`,
  });
  if (Buffer.byteLength(longest) > MAX_KEY_BYTES) {
    const accepted = 'a key of at most 1,024 bytes with {jobId}, {renderId} and {extension} filled in';
    throw invalidRenderRequest([describeField('destination.key', template, accepted)]);
  }
  if (extension !== undefined && contradicts(longest, extension)) {
    const codecs = [render.codec, render.audioCodec].filter(Boolean).join(' with ');
    const accepted = `a key with the extension .${extension}, which Remotion gives ${codecs}, or with {extension}`;
    throw invalidRenderRequest([describeField('destination.key', template, accepted)]);
  }
  return chosen;
}

/** The key that a video will have, where it is known before the render. */
export function keyBeforeRender(
  { key }: Destination,
  { jobId, render }: { jobId: string; render: OptionsThatMatter },
): string | undefined {
  if (key === undefined || key.includes('{renderId}')) return undefined;
  const extension = videoExtension(render);
  if (extension === undefined && key.includes('{extension}')) return undefined;
  return destinationKey(key, { jobId, renderId: '', outputKey: `out.${extension}` });
}

/**
 * `downloadBehavior` for the delivered video: Remotion sets it on its own copy alone.
 * Source: https://www.rfc-editor.org/rfc/rfc6266#appendix-D (names beyond ASCII)
 */
function disposition(
  { downloadBehavior }: OptionsThatMatter,
  destination: Destination | undefined,
): Pick<Destination, 'contentDisposition'> {
  if (downloadBehavior?.type !== 'download') return {};
  if (destination?.contentDisposition !== undefined) {
    const accepted = 'either render.downloadBehavior or destination.contentDisposition, not both';
    throw invalidRenderRequest([
      describeField('destination.contentDisposition', destination.contentDisposition, accepted),
    ]);
  }
  const { fileName } = downloadBehavior;
  if (!fileName) return { contentDisposition: 'attachment' };
  const ascii = fileName.replaceAll(/[^\x20-\x7E]/g, '_');
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    contentDisposition: `attachment; filename="${ascii}"${ascii === fileName ? '' : `; filename*=UTF-8''${encoded}`}`,
  };
}
