import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { customResource } from '../runtime/custom-resource.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { siteContentType } from './content-type.ts';

export interface DeployedSite {
  readonly BucketName: string;
  /** Of the keys of its files: `sites/<name>-<hash of its files>`. */
  readonly Prefix: string;
  /** `key=value`: by it the files are found to be removed once the site is replaced. */
  readonly ReplacedTag: string;
}

/** Files at once: each is held in memory. */
const CONCURRENCY = 4;

const s3 = new S3Client({});

/**
 * Puts the site that lies beside the function's code into the Remotion bucket. A site that has been replaced is put
 * there once more, with a tag, so that S3's lifecycle counts its days from now on.
 */
export const handler = customResource<DeployedSite>(
  ({ BucketName, Prefix }) => `s3://${BucketName}/${Prefix}`,
  async (type, { BucketName, Prefix, ReplacedTag }) => {
    const { LAMBDA_TASK_ROOT } = requireEnvironment('LAMBDA_TASK_ROOT');
    const site = join(LAMBDA_TASK_ROOT, 'site');
    const put = async (path: string) =>
      s3.send(
        new PutObjectCommand({
          Bucket: BucketName,
          Key: `${Prefix}/${path}`,
          Body: await readFile(join(site, path)),
          ContentType: siteContentType(path),
          // The address says what the files are: they never change.
          CacheControl: 'public, max-age=31536000, immutable',
          // Of what is encrypted with a key of KMS, which the bucket may have, nobody reads anything without a signature.
          // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
          ServerSideEncryption: 'AES256',
          ...(type === 'Delete' && { Tagging: ReplacedTag }),
        }),
      );
    const paths = await filesOf(site);
    const page = 'index.html';
    const others = paths.filter((path) => path !== page);
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        for (let path = others.shift(); path !== undefined; path = others.shift()) await put(path);
      }),
    );
    // Whoever sees the page finds all that it needs.
    await put(page);
  },
);

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
