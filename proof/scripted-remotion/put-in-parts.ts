import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** As Remotion's client cuts what it uploads. It also is less than the gateway takes in one request. */
export const PART_SIZE = 8 * 1024 ** 2;

/** Uploads an object that is too large for one request. */
export async function putInParts(
  s3: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  body: Buffer,
): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
  const Parts: CompletedPart[] = [];
  for (let start = 0; start < body.length; start += PART_SIZE) {
    const PartNumber = Parts.length + 1;
    const Body = body.subarray(start, start + PART_SIZE);
    const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
}
