import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';

const [bucket = '', key = '', destinationBucket = '', destinationKey = ''] = process.argv.slice(2);

// The AWS SDK asks the container's own endpoint for the credentials of the task's role.
await new S3Client().send(
  new CopyObjectCommand({
    CopySource: `${bucket}/${encodeURIComponent(key)}`,
    Bucket: destinationBucket,
    Key: destinationKey,
    MetadataDirective: 'REPLACE',
    ContentType: 'video/mp4',
    // Tags would need a permission more.
    TaggingDirective: 'REPLACE',
  }),
);
