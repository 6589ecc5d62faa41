import { S3Client } from '@aws-sdk/client-s3';
import { type RenderMediaOnLambdaInput, renderMediaOnLambda } from '@remotion/lambda/client';
import type { StartedRender, StartRenderInput } from '../statemachine/contract.ts';
import { parseRenderRequest } from '../statemachine/parse-render-request.ts';
import { chooseDestination } from './shared/destination.ts';
import { requireEnvironment } from './shared/environment.ts';
import { readInputProps } from './shared/input-props.ts';
import { ObservedRequestHandler } from './shared/observed-request-handler.ts';
import { renderMediaInput } from './shared/render-media-input.ts';
import { nameStartError } from './shared/start-error.ts';
import { logger, stepHandler, traced, tracer } from './shared/step-handler.ts';

const environment = requireEnvironment(
  'AWS_REGION',
  'REMOTION_FUNCTION_NAME',
  'REMOTION_BUCKET_NAME',
  'DESTINATION_BUCKET_NAMES',
);
const bucketName = environment.REMOTION_BUCKET_NAME;
const s3 = tracer.captureAWSv3Client(new S3Client({}));

/** Checks the request and starts its render; throws the errors that `docs/errors.md` lists for StartRender. */
export const handler = stepHandler<StartRenderInput, StartedRender>(
  'StartRender',
  ({ jobId, executionArn }) => ({ jobId, executionArn }),
  async (input) => {
    const request = parseRenderRequest(input.request, input.jobId);
    const destination = chooseDestination(request, environment.DESTINATION_BUCKET_NAMES.split(','));
    const { inputPropsUri } = request.render;
    const inputProps = inputPropsUri && (await readInputProps(s3, inputPropsUri, bucketName));
    const requestHandler = new ObservedRequestHandler();
    const options = renderMediaInput(request.render, {
      region: environment.AWS_REGION as RenderMediaOnLambdaInput['region'],
      functionName: environment.REMOTION_FUNCTION_NAME,
      forceBucketName: bucketName,
      defaultServeUrl: process.env.DEFAULT_SERVE_URL,
      licenseKey: process.env.REMOTION_LICENSE_KEY,
      ...(inputProps && { inputProps }),
    });
    const startedAt = Date.now();
    const started = await traced('renderMediaOnLambda', () =>
      renderMediaOnLambda({ ...options, requestHandler }),
    ).catch((error) => {
      throw nameStartError(error, requestHandler.invoked);
    });
    logger.info('Render started', { renderId: started.renderId });
    return {
      jobId: request.jobId,
      renderId: started.renderId,
      bucketName: started.bucketName,
      destination,
      startedAt,
      logsUrl: started.cloudWatchMainLogs,
      folderInS3Console: started.folderInS3Console,
      secondsUntilNextLook: 2,
    };
  },
);
