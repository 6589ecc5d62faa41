import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/**
 * Removes what Remotion left of a render, but for its progress: another execution of the job that joins the
 * render reads there that it is finished, and finds the copy. An artifact that was not delivered stays.
 *
 * @param delivered Keys of the artifacts that were.
 * @returns How many objects were removed.
 * @throws Error `RenderFilesNotDeleted` when S3 refused to remove some; and errors of S3.
 */
export async function deleteRenderFiles(
  s3: S3Client,
  bucketName: string,
  renderId: string,
  delivered: readonly string[],
): Promise<number> {
  const prefix = `renders/${renderId}/`;
  const mayGo = (key = '') =>
    key !== `${prefix}progress.json` && (!key.startsWith(`${prefix}artifacts/`) || delivered.includes(key));
  let count = 0;
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucketName, Prefix: prefix },
  )) {
    const Objects = Contents.filter(({ Key }) => mayGo(Key)).map(({ Key }) => ({ Key }));
    if (Objects.length === 0) continue;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucketName, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first) {
      const error = new Error(
        `${Errors.length} objects, of them ${first.Key}: ${first.Code} ${first.Message}`,
      );
      error.name = 'RenderFilesNotDeleted';
      throw error;
    }
    count += Objects.length;
  }
  return count;
}
