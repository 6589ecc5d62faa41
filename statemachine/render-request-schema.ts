import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import * as z from 'zod/mini';

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
const refused = (why: string) => z.optional(z.never(why));

const ownedByTheWorkflow = refused('not accepted in a request: the workflow sets it');

/** Accepted form of a jobId: it becomes part of object keys. */
export const jobIdSchema = z
  .string("1 to 128 letters, digits or !_.*'()=+@- that begin with a letter or digit")
  .check(
    z.regex(
      /^[A-Za-z0-9][A-Za-z0-9!_.*'()=+@-]{0,127}$/,
      "1 to 128 letters, digits or !_.*'()=+@- that begin with a letter or digit",
    ),
  );

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
      webhook: z.nullish(
        z.looseObject({
          secret: z.optional(z.null('null: a secret would stay readable in the execution history')),
        }),
      ),
      region: ownedByTheWorkflow,
      functionName: ownedByTheWorkflow,
      forceBucketName: ownedByTheWorkflow,
      forcePathStyle: ownedByTheWorkflow,
      requestHandler: ownedByTheWorkflow,
      enableCancellation: ownedByTheWorkflow,
      rendererFunctionName: ownedByTheWorkflow,
      outName: refused('not accepted in a request: say with "destination" where the video goes'),
      licenseKey: refused('not accepted in a request: it is a setting of the stack'),
      apiKey: refused('not accepted in a request: it is a setting of the stack'),
      s3OutputProvider: refused('not accepted: keys would stay readable in the execution history'),
    },
    'an object with the options of renderMediaOnLambda',
  )
  .check(
    z.refine((render) => render.inputProps === undefined || render.inputPropsUri === undefined, {
      path: ['inputPropsUri'],
      error: 'either inputProps or inputPropsUri, not both',
    }),
  );

const destinationSchema = z.strictObject(
  {
    bucket: z.optional(text("one of the stack's destination buckets")),
    key: z.optional(
      z.string('an object key of 1 to 1,024 bytes, in which {jobId} and {renderId} are filled in').check(
        z.refine((key) => isObjectKeyTemplate(key), {
          error:
            'an object key of 1 to 1,024 bytes that does not begin with "/", whose only placeholders are {jobId} and {renderId}',
        }),
      ),
    ),
    overwrite: z.optional(z.boolean('true or false')),
  },
  'an object with bucket, key and overwrite, all optional',
);

const START_TIMEOUT = 'a number of seconds from 0 to 3600';

/** The one schema of a request. Messages say what is accepted; `parseRenderRequest` adds the field and the value. */
export const renderRequestSchema = z.strictObject(
  {
    jobId: z.optional(jobIdSchema),
    render: renderOptionsSchema,
    destination: z.optional(destinationSchema),
    startTimeoutInSeconds: z.optional(
      z.number(START_TIMEOUT).check(z.minimum(0, START_TIMEOUT), z.maximum(3600, START_TIMEOUT)),
    ),
  },
  'an object with render, and optionally jobId, destination and startTimeoutInSeconds',
);

function isObjectKeyTemplate(key: string): boolean {
  const filledIn = key.replaceAll('{jobId}', '').replaceAll('{renderId}', '');
  const length = new TextEncoder().encode(key).length;
  return length >= 1 && length <= 1024 && !key.startsWith('/') && !/[{}\p{Cc}]/u.test(filledIn);
}
