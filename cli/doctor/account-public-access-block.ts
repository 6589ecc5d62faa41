import {
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
  type S3Client,
} from '@aws-sdk/client-s3';

/** What of a request is written anew. */
interface HttpRequest {
  hostname: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
}

/**
 * Which public access the account blocks for all of its buckets: asked of S3 Control, which signs and answers as S3
 * does for a bucket, so that it takes no client of its own.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
 *
 * @throws Error `NoSuchPublicAccessBlockConfiguration` of the SDK where it blocks nothing
 */
export async function accountPublicAccessBlock(
  s3: S3Client,
  { account, region }: { readonly account: string; readonly region: string },
): Promise<PublicAccessBlockConfiguration> {
  const command = new GetPublicAccessBlockCommand({ Bucket: account });
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as HttpRequest;
      if (request.hostname.endsWith('.amazonaws.com'))
        request.hostname = `${account}.s3-control.${region}.amazonaws.com`;
      request.path = '/v20180820/configuration/publicAccessBlock';
      request.query = {};
      request.headers['x-amz-account-id'] = account;
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  const { PublicAccessBlockConfiguration = {} } = await s3.send(command);
  return PublicAccessBlockConfiguration;
}
