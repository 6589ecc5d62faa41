import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { LambdaClientInternals } from '@remotion/lambda/client';
import { readObject } from '../runtime/read-object.ts';
import { type KnownRender, type RenderClaim, renderOfClaim } from './render-claims.ts';
import { carriesToken, type RenderOrigin } from './render-token.ts';
import { visitRenders } from './renders-in-bucket.ts';

/** S3's clock and ours may differ by so much, in milliseconds. */
const CLOCK_MARGIN_IN_MS = 60_000;

/**
 * Looks for the render that carries the claim's token, among those whose progress was written since the claim.
 * A render carries it in its progress from when Remotion has read the composition.
 *
 * @returns The render, with the time at which it began; undefined when there is none (yet).
 */
export async function findRender(
  s3: S3Client,
  bucketName: string,
  jobId: string,
  claim: RenderClaim,
): Promise<KnownRender | undefined> {
  const since = claim.claimedAt - CLOCK_MARGIN_IN_MS;
  // Claims of 0.1.0 do not say how long the render is kept.
  const deleteAfter = claim.token === undefined ? 'any' : claim.deleteAfter;
  let found: KnownRender | undefined;
  await visitRenders(s3, { bucketName, deleteAfter, since }, async (renderId, progressKey) => {
    const origin = await readOrigin(s3, bucketName, progressKey);
    if (!origin || !carriesToken(origin, jobId, claim)) return false;
    found = renderOfClaim(claim, renderId, origin.startedDate);
    return true;
  });
  return found;
}

/** Undefined until Remotion has read the composition, or when the render's files are just being removed. */
async function readOrigin(s3: S3Client, Bucket: string, Key: string): Promise<RenderOrigin | undefined> {
  try {
    const found = await readObject(s3, { Bucket, Key });
    return found && JSON.parse(found.text).renderMetadata;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The finished output of a render, if it is there. */
export async function findOutput(
  s3: S3Client,
  bucketName: string,
  renderId: string,
): Promise<{ key: string; sizeInBytes: number } | undefined> {
  const prefix = `renders/${renderId}/out.`;
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucketName, Prefix: prefix });
  for await (const { Contents = [] } of pages) {
    const [output] = Contents;
    if (output?.Key && output.Size) return { key: output.Key, sizeInBytes: output.Size };
  }
  return undefined;
}

/** Where a person finds a render's logs and files. */
export function renderLinks(
  region: Parameters<typeof LambdaClientInternals.getS3RenderUrl>[0]['region'],
  functionName: string,
  bucketName: string,
  renderId: string,
): { logsUrl: string; folderInS3Console: string } {
  const { getCloudwatchMethodUrl, getS3RenderUrl } = LambdaClientInternals;
  const launch = 'launch' as Parameters<typeof getCloudwatchMethodUrl>[0]['method'];
  return {
    logsUrl: getCloudwatchMethodUrl({
      region,
      functionName,
      renderId,
      method: launch,
      rendererFunctionName: null,
    }),
    folderInS3Console: getS3RenderUrl({ region, bucketName, renderId }),
  };
}
