import { text } from 'node:stream/consumers';
import { ListObjectsV2Command, type ListObjectsV2CommandInput, type S3Client } from '@aws-sdk/client-s3';
import { RENDER_ID_LETTERS, RENDERS_KEPT_FOR } from './render-id.ts';

export interface RendersOfBucket {
  readonly bucketName: string;
  /** How long Remotion keeps the files of the renders; `any` for all renders. @default - for good */
  readonly deleteAfter?: string | undefined;
  /** Only those whose progress was written since, in milliseconds since 1970. */
  readonly since: number;
}

/**
 * Goes through the renders of a Remotion bucket, in 36 lists at once, one for each character that the random part of
 * an id can begin with.
 *
 * @param visit Says whether there is nothing more to be looked for.
 */
export async function visitRenders(
  s3: S3Client,
  { bucketName: Bucket, deleteAfter, since }: RendersOfBucket,
  visit: (renderId: string, progressKey: string) => Promise<boolean>,
): Promise<void> {
  const kinds = deleteAfter === 'any' ? ['', ...RENDERS_KEPT_FOR] : [deleteAfter ? `${deleteAfter}-` : ''];
  let isOver = false;
  async function visitList(Prefix: string, StartAfter?: string): Promise<void> {
    const { Contents = [], IsTruncated } = await s3.send(listRenders({ Bucket, Prefix, StartAfter }, since));
    const visits = Contents.map(async ({ Key = '', LastModified }) => {
      const renderId = /^renders\/([^/]+)\/progress\.json$/.exec(Key)?.[1];
      if (renderId === undefined || isOver || (LastModified?.getTime() ?? 0) < since) return;
      isOver = (await visit(renderId, Key)) || isOver;
    });
    const goesOn = IsTruncated && !isOver;
    await Promise.all([...visits, goesOn && visitList(Prefix, behind(Contents.at(-1)?.Key ?? '', Prefix))]);
  }
  await Promise.all(
    kinds.flatMap((kind) => RENDER_ID_LETTERS.map((first) => visitList(`renders/${kind}${first}`))),
  );
}

/** Where a list goes on after a key: behind all renders of another kind that begin as it does. */
function behind(key: string, prefix: string): string {
  const kind = RENDERS_KEPT_FOR.find((each) => key.startsWith(`renders/${each}`));
  return kind === undefined || prefix.startsWith(`renders/${kind}`) ? key : `renders/${kind}~`;
}

/** A list of which the SDK reads only what matters: it takes ten times as long for a whole page as S3 does. */
function listRenders(input: ListObjectsV2CommandInput, since: number): ListObjectsV2Command {
  const command = new ListObjectsV2Command(input);
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: NodeJS.ReadableStream | Uint8Array };
      if (response.statusCode === 200)
        response.body = Buffer.from(withoutOld(await text(response.body as NodeJS.ReadableStream), since));
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'withoutOld' },
  );
  return command;
}

/** A page of a list with its last entry, after which the next begins, and with progress that was written since. */
function withoutOld(xml: string, since: number): string {
  const time = new Date(since).toISOString();
  const [head = '', ...entries] = xml.split('<Contents>');
  const kept = entries.filter((entry, index) => {
    if (index === entries.length - 1) return true;
    const [, written = time] = entry.split('<LastModified>', 2);
    return written >= time && entry.includes('/progress.json</Key>');
  });
  return [head, ...kept].join('<Contents>');
}
