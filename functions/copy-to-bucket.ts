import { S3Client } from '@aws-sdk/client-s3';
import type { CopyToBucketInput, RenderResult } from '../statemachine/contract.ts';
import { WorkflowError } from '../statemachine/errors.ts';
import { copyVideo } from './shared/copy-video.ts';
import { destinationKey } from './shared/destination.ts';
import { logger, stepHandler, tracer } from './shared/step-handler.ts';

const s3 = tracer.captureAWSv3Client(new S3Client({}));

/** Copies the finished video to its destination; throws `DestinationExists` or `VideoNotCopied`. */
export const handler = stepHandler<CopyToBucketInput, RenderResult>(
  'CopyToBucket',
  ({ render, executionArn }) => ({ jobId: render.jobId, renderId: render.renderId, executionArn }),
  async ({ render, progress }) => {
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
    const { sizeInBytes, etag } = await copyVideo(s3, {
      source: video,
      destination: { bucket, key },
      jobId,
      renderId,
      overwrite,
    });
    logger.info('Video copied', { sizeInBytes });
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
    };
  },
);
