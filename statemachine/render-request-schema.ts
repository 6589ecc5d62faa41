import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import * as z from 'zod/mini';
import type { RenderPriority, StorageClass } from './contract.ts';
import { JOB_ID } from './job-id.ts';
import { RENDER_OPTIONS } from './render-options.ts';

type RemotionCodec = RenderMediaOnLambdaInput['codec'];

/** Codecs that Remotion Lambda renders. Source: https://www.remotion.dev/docs/lambda/rendermediaonlambda#codec */
export const CODECS = [
  'h264',
  'h265',
  'vp8',
  'vp9',
  'mp3',
  'aac',
  'wav',
  'gif',
  'prores',
] as const satisfies readonly RemotionCodec[];

/** How long Remotion keeps a render's files. Source: https://www.remotion.dev/docs/lambda/autodelete */
const DELETE_AFTER = [
  '1-day',
  '3-days',
  '7-days',
  '30-days',
] as const satisfies readonly RenderMediaOnLambdaInput['deleteAfter'][];

const text = (accepted: string) => z.string(accepted).check(z.minLength(1, accepted));
const refused = (why: string) => z.optional(z.never(`not accepted in a request: ${why}`));

const NOT_OF_A_REQUEST = Object.fromEntries(
  Object.entries(RENDER_OPTIONS)
    .filter(([, { handling }]) => handling === 'owned' || handling === 'refused')
    .map(([option, { why }]) => [option, refused(why)]),
);

const DOWNLOAD_BEHAVIOR =
  '{"type": "play-in-browser"} or {"type": "download", "fileName": a name of 1 to 255 characters, or null}';
const downloadBehaviorSchema = z.looseObject(
  {
    type: z.enum(['play-in-browser', 'download'], DOWNLOAD_BEHAVIOR),
    fileName: z.nullish(
      z.string(DOWNLOAD_BEHAVIOR).check(z.regex(/^[^\p{Cc}\p{Cs}/\\"]{1,255}$/u, DOWNLOAD_BEHAVIOR)),
    ),
  },
  DOWNLOAD_BEHAVIOR,
);

const JOB_ID_ACCEPTED = "1 to 128 letters, digits or !_.*'()=+@- that begin with a letter or digit";

export const jobIdSchema = z.string(JOB_ID_ACCEPTED).check(z.regex(JOB_ID, JOB_ID_ACCEPTED));

const renderOptionsSchema = z
  .looseObject(
    {
      serveUrl: z.optional(text('the URL or the name of a Remotion site')),
      composition: text('the id of a composition'),
      codec: z.enum(CODECS, `one of ${CODECS.join(', ')}`),
      inputProps: z.optional(z.record(z.string(), z.unknown(), 'an object')),
      inputPropsUri: z.optional(
        z
          .string('s3://<Remotion bucket>/input-props/<name>')
          .check(z.regex(/^s3:\/\/[^/]+\/.+$/, 's3://<Remotion bucket>/input-props/<name>')),
      ),
      // Remotion checks it only after the start has been sent.
      deleteAfter: z.nullish(z.enum(DELETE_AFTER, `one of ${DELETE_AFTER.join(', ')}`)),
      downloadBehavior: z.optional(downloadBehaviorSchema),
      webhook: z.nullish(
        z.looseObject(
          { secret: z.optional(z.null('null: a secret would stay readable in the execution history')) },
          'an object with url, and secret null',
        ),
      ),
      ...NOT_OF_A_REQUEST,
      s3OutputProvider: refused('its keys would stay readable in the execution history'),
    },
    'an object with the options of renderMediaOnLambda',
  )
  .check(
    z.refine((render) => render.inputProps === undefined || render.inputPropsUri === undefined, {
      path: ['inputPropsUri'],
      error: 'either inputProps or inputPropsUri, not both',
    }),
  );

const STORAGE_CLASSES = [
  'STANDARD',
  'INTELLIGENT_TIERING',
  'STANDARD_IA',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const satisfies readonly StorageClass[];

const HEADER = 'a header of 1 to 1,024 ASCII characters';
const headerSchema = z.string(HEADER).check(z.regex(/^[\x20-\x7E]{1,1024}$/, HEADER));

const TAGS =
  'an object of up to 10 tags, with names of 1 to 128 and values of up to 256 letters, digits, spaces or + - = . _ : / @, and no name that begins with aws:';
const tagsSchema = z
  .record(z.string(), z.string(TAGS), TAGS)
  .check(z.refine((tags) => areObjectTags(tags), { error: TAGS }));

const OVERWRITE = 'true or false';

const KEY =
  'an object key of 1 to 1,024 bytes, in which {jobId}, {renderId} and {extension} are filled in, that neither begins nor ends with "/", does not end with ".", and has no empty part, no part "." or "..", no backslash and no control character';

const destinationSchema = z.strictObject(
  {
    bucket: z.optional(text("one of the stack's destination buckets")),
    key: z.optional(z.string(KEY).check(z.refine(isObjectKeyTemplate, { error: KEY }))),
    overwrite: z.optional(z.boolean(OVERWRITE)),
    cacheControl: z.optional(headerSchema),
    contentDisposition: z.optional(headerSchema),
    storageClass: z.optional(z.enum(STORAGE_CLASSES, `one of ${STORAGE_CLASSES.join(', ')}`)),
    tags: z.optional(tagsSchema),
  },
  'an object with bucket, key, overwrite, cacheControl, contentDisposition, storageClass and tags, all optional',
);

const SIZE = "the name of one of the renderer's other sizes";

const CONTEXT = 'an object of texts, of at most 2,048 bytes as JSON';

/** Of the caller's own. It is in states, events and the cause of a failure, beside all that is there already. */
export const contextSchema = z.record(z.string(), z.string(CONTEXT), CONTEXT).check(
  z.refine((context) => new TextEncoder().encode(JSON.stringify(context)).length <= 2048, {
    error: CONTEXT,
  }),
);

const MAX_COST = 'a number of USD greater than 0';
const START_TIMEOUT = 'a number of seconds from 0 to 1209600';

const PRIORITIES = ['high', 'normal', 'low'] as const satisfies readonly RenderPriority[];

/** The one schema of a request. Messages say what is accepted; `parseRenderRequest` adds the field and the value. */
export const renderRequestSchema = z.strictObject(
  {
    jobId: z.optional(jobIdSchema),
    render: renderOptionsSchema,
    size: z.optional(text(SIZE)),
    destination: z.optional(destinationSchema),
    startTimeoutInSeconds: z.optional(
      z.number(START_TIMEOUT).check(z.minimum(0, START_TIMEOUT), z.maximum(1_209_600, START_TIMEOUT)),
    ),
    priority: z.optional(z.enum(PRIORITIES, `one of ${PRIORITIES.join(', ')}`)),
    maxCostInUsd: z.optional(z.number(MAX_COST).check(z.positive(MAX_COST))),
    context: z.optional(contextSchema),
  },
  'an object with render, and optionally jobId, size, destination, startTimeoutInSeconds, priority, maxCostInUsd and context',
);

/**
 * Keys with other forms are folders to consoles, paths to tools, or refused by S3.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
function isObjectKeyTemplate(template: string): boolean {
  const key = template.replaceAll(/\{(jobId|renderId|extension)\}/g, 'x');
  const length = new TextEncoder().encode(template).length;
  const parts = key.split('/');
  return (
    length >= 1 &&
    length <= 1024 &&
    parts.every((part) => part.trim() !== '' && part !== '.' && part !== '..') &&
    // The S3 console takes the full stop away when it downloads.
    !key.endsWith('.') &&
    // S3 answers in XML, which knows no control characters and no halves of a character.
    !/[{}\\\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(key) &&
    // Not supported by S3 with virtual-hosted addresses.
    key !== 'soap'
  );
}

function areObjectTags(tags: Readonly<Record<string, unknown>>): boolean {
  const entries = Object.entries(tags);
  const allowed = /^[\p{L}\p{N} +\-=._:/@]*$/u;
  return (
    entries.length <= 10 &&
    entries.every(
      ([name, value]) =>
        typeof value === 'string' &&
        name.length >= 1 &&
        name.length <= 128 &&
        value.length <= 256 &&
        !name.toLowerCase().startsWith('aws:') &&
        allowed.test(name) &&
        allowed.test(value),
    )
  );
}
