import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Destination } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { regionOfBucket } from '../runtime/region-of-bucket.ts';
import { logger } from '../runtime/step-handler.ts';

export interface LookAtDestination {
  readonly s3: S3Client;
  /** Makes a client for another region, when the destination is in one. */
  readonly inRegion: (region: string) => S3Client;
  readonly destination: Destination & { readonly bucket: string };
  /** Where the video will be; undefined where that is not known before the render. */
  readonly key: string | undefined;
  /** Account id of the bucket's owner, where it is known. */
  readonly owner: string | undefined;
}

/**
 * Looks before the render whether its video may go to its destination. The copy decides: it may not replace what
 * comes there during the render. So where this look is refused or fails, the render is started.
 *
 * @throws WorkflowError `DestinationExists`
 */
export async function lookAtDestination(look: LookAtDestination): Promise<void> {
  const { s3, inRegion, destination, key } = look;
  if (destination.overwrite || key === undefined) return;
  let isTaken: boolean;
  try {
    isTaken = await isThere(s3, look, key).catch((error) => {
      const region = regionOfBucket(error);
      if (region === undefined) throw error;
      return isThere(inRegion(region), look, key);
    });
  } catch (error) {
    logger.warn('The destination could not be looked at', { errorName: (error as Error).name });
    return;
  }
  if (!isTaken) return;
  throw new WorkflowError(
    'DestinationExists',
    `Another object is at s3://${destination.bucket}/${key}. No render was started.`,
  );
}

/** Of all keys that begin with it, the key itself is the first. Listing needs no right to read the videos. */
async function isThere(
  s3: S3Client,
  { destination: { bucket }, owner }: LookAtDestination,
  key: string,
): Promise<boolean> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: key,
      MaxKeys: 1,
      ...(owner && { ExpectedBucketOwner: owner }),
    }),
  );
  return Contents[0]?.Key === key;
}
