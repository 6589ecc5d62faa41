import { S3Client } from '@aws-sdk/client-s3';
import type { CopyToBucketInput, RenderResult } from '../../statemachine/contract.ts';
import { WorkflowError } from '../../statemachine/errors.ts';
import { destinationKey } from '../render/destination-key.ts';
import { bucketOwners } from '../runtime/bucket-owners.ts';
import { measure, secondsSince } from '../runtime/measure.ts';
import { logger, stepHandler, tracer } from '../runtime/step-handler.ts';
import { type CopiedArtifacts, copyArtifacts, listedArtifacts } from './copy-artifacts.ts';
import { type CopyOptions, copyVideo } from './copy-video.ts';
import { deleteRenderFiles } from './delete-render-files.ts';
import { demandedHeaders } from './demanded-headers.ts';
import { objectSettings } from './object-settings.ts';

const { DELETE_SOURCE } = process.env;
const ownerOf = bucketOwners();
const headersOf = demandedHeaders(process.env);

const NO_ARTIFACTS: CopiedArtifacts = { artifacts: [], sourceKeys: [] };

const s3 = s3Client();

/** Copies the finished video, and what its composition emitted, to its destination; throws `DestinationExists` or `VideoNotCopied`. */
export const handler = stepHandler<CopyToBucketInput, RenderResult>(
  'CopyToBucket',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render, progress, executionArn, executionStartedAt }) => {
    const { jobId, renderId } = render;
    const video = progress.output;
    if (video === null) {
      throw new WorkflowError(
        'VideoNotCopied',
        `Remotion reports render ${renderId} as finished without an output.`,
      );
    }
    const { bucket, overwrite = false } = render.destination;
    const key = destinationKey(render.destination.key, { jobId, renderId, outputKey: video.key });
    const begun = Date.now();
    const copy: CopyOptions = {
      s3,
      inRegion: s3Client,
      source: { bucket: video.bucket, key: video.key, owner: accountOf(executionArn) },
      sizeInBytes: video.sizeInBytes,
      destination: { bucket, key, owner: ownerOf(bucket) },
      renderId,
      settings: { ...objectSettings(render.destination, video.key), ...headersOf(bucket) },
      overwrite,
    };
    // The video comes last: where it is, all is.
    const { artifacts, sourceKeys } = video.artifacts ? await copyArtifacts(copy) : NO_ARTIFACTS;
    const { sizeInBytes, etag, isNew } = await copyVideo(copy);
    logger.info('Video copied', { sizeInBytes, artifacts: artifacts.length });
    if (isNew) {
      measure({
        RendersSucceeded: 1,
        CopyTime: secondsSince(begun),
        BytesCopied: sizeInBytes,
        ...(executionStartedAt && { TimeToDelivery: secondsSince(Date.parse(executionStartedAt)) }),
      });
    }
    // Without it, another execution of the job would take the render for failed and render again.
    if (DELETE_SOURCE === 'true' && !video.isOnlyProof)
      await deleteSource(video.bucket, renderId, sourceKeys);
    return {
      jobId,
      renderId,
      bucket,
      key,
      s3Uri: `s3://${bucket}/${key}`,
      sizeInBytes,
      etag,
      costInUsd: progress.costInUsd,
      renderTimeInMs: video.renderTimeInMs,
      framesRendered: progress.framesRendered,
      lambdasInvoked: progress.lambdasInvoked,
      ...listedArtifacts(artifacts),
      ...(render.context && { context: render.context }),
    };
  },
);

/** The video is delivered: that its source cannot be removed is worth a warning, not a failed execution. */
async function deleteSource(
  bucketName: string,
  renderId: string,
  artifacts: readonly string[],
): Promise<void> {
  try {
    logger.info('Render files deleted', {
      count: await deleteRenderFiles(s3, bucketName, renderId, artifacts),
    });
  } catch (error) {
    const { name, message } = error as Error;
    logger.warn('The render files could not be deleted', { errorName: name, errorMessage: message });
  }
}

/** A copy of a large part may be silent for long; a connection that cannot be made is not waited for. */
function s3Client(region?: string): S3Client {
  const requestHandler = { connectionTimeout: 3_000, requestTimeout: 120_000, throwOnRequestTimeout: true };
  return tracer.captureAWSv3Client(new S3Client({ ...(region && { region }), requestHandler }));
}

/** The account that the workflow and its Remotion bucket are in. */
function accountOf(executionArn: string): string | undefined {
  return executionArn.split(':')[4];
}
