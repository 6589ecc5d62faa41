import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';

/** Makes a private bucket in the region of the client. */
export async function makeBucket(s3: S3Client, Bucket: string): Promise<void> {
  const region = await s3.config.region();
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      // S3 takes no constraint for its first region. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
      ...(region !== 'us-east-1' && {
        CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' },
      }),
    }),
  );
}

/** Deletes a bucket with all that is in it; one that is not there is deleted. */
export async function deleteBucket(s3: S3Client, Bucket: string): Promise<void> {
  try {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
      const Objects = Contents.map(({ Key }) => ({ Key }));
      if (Objects.length > 0)
        await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  } catch (error) {
    if ((error as Error).name !== 'NoSuchBucket') throw error;
  }
}
