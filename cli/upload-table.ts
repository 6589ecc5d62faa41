import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { RenderClients } from './render-clients.ts';

/** S3 takes parts of 5 MiB and more. */
const PART_BYTES = 8 * 1024 ** 2;

/** Uploads a table, in parts if it is large: one that fails is then not much to send again. */
export async function uploadTable(
  { s3 }: Pick<RenderClients, 's3'>,
  object: { readonly Bucket: string; readonly Key: string },
  table: Buffer,
): Promise<void> {
  if (table.length <= PART_BYTES) {
    await s3.send(new PutObjectCommand({ ...object, Body: table }));
    return;
  }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
  const Parts: CompletedPart[] = [];
  for (let begin = 0; begin < table.length; begin += PART_BYTES) {
    const PartNumber = Parts.length + 1;
    const Body = table.subarray(begin, begin + PART_BYTES);
    const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
}
