import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { RENDER_ID_LETTERS, RENDERS_KEPT_FOR } from './render-id.ts';

type Page = NonNullable<ListObjectsV2CommandOutput['Contents']>;

/**
 * Lists what is under `renders/`, in 36 lists at once, one for each character that the random part of an id can
 * begin with. Each page is visited before the next of its list is asked for.
 *
 * @param deleteAfter How long Remotion keeps the files of the renders that are meant; `any` for all renders.
 * @param visit Says whether there is nothing more to be looked for.
 */
export async function visitRenders(
  s3: S3Client,
  Bucket: string,
  deleteAfter: string | undefined,
  visit: (page: Page) => Promise<boolean>,
): Promise<void> {
  const kinds = deleteAfter === 'any' ? ['', ...RENDERS_KEPT_FOR] : [deleteAfter ? `${deleteAfter}-` : ''];
  let isOver = false;
  async function visitList(Prefix: string): Promise<void> {
    for (let StartAfter: string | undefined; ; ) {
      if (isOver) return;
      const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, StartAfter }));
      const { Contents = [], IsTruncated } = page;
      if (await visit(Contents)) isOver = true;
      if (!IsTruncated) return;
      StartAfter = behind(Contents.at(-1)?.Key ?? '', Prefix);
    }
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
