import type { StartedRender, StartRenderInput } from '../statemachine/contract.ts';
import { parseRenderRequest } from '../statemachine/parse-render-request.ts';
import { claimJob } from './shared/claim-job.ts';
import { chooseDestination } from './shared/destination.ts';
import { requireEnvironment } from './shared/environment.ts';
import { claimToken, renderLinks, TOKEN_FIELD } from './shared/find-render.ts';
import { readInputProps } from './shared/input-props.ts';
import { lookForRender } from './shared/look-for-render.ts';
import { readRemotionDeployment } from './shared/remotion-deployment.ts';
import { hashRequest, RenderClaims } from './shared/render-claims.ts';
import { renderMediaInput } from './shared/render-media-input.ts';
import { shortCallsS3Client } from './shared/s3-client.ts';
import { settleQuietly, startClaimedRender } from './shared/start-claimed-render.ts';
import { nameStepError } from './shared/start-error.ts';
import { logger, stepHandler } from './shared/step-handler.ts';

const DEFAULT_START_TIMEOUT_IN_SECONDS = 300;

const { region, functionName, bucketName } = readRemotionDeployment();
const { DESTINATION_BUCKET_NAMES } = requireEnvironment('DESTINATION_BUCKET_NAMES');
const s3 = shortCallsS3Client();
const claims = new RenderClaims(s3, bucketName);

/** Checks the request, claims its job and starts the render, or joins the render that the job has. */
export const handler = stepHandler<StartRenderInput, StartedRender>(
  'StartRender',
  ({ jobId, executionArn }) => ({ jobId, executionArn }),
  async (input) => {
    const request = parseRenderRequest(input.request, input.jobId);
    const { jobId } = request;
    const waitInSeconds = request.startTimeoutInSeconds ?? DEFAULT_START_TIMEOUT_IN_SECONDS;
    const giveUpAt = Date.parse(input.enteredAt) + waitInSeconds * 1000;
    let looking = false;
    try {
      const destination = chooseDestination(request, DESTINATION_BUCKET_NAMES.split(','));
      const { inputPropsUri } = request.render;
      const inputProps = inputPropsUri && (await readInputProps(s3, inputPropsUri, bucketName));
      const options = renderMediaInput(request.render, {
        region,
        functionName,
        forceBucketName: bucketName,
        defaultServeUrl: process.env.DEFAULT_SERVE_URL,
        licenseKey: process.env.REMOTION_LICENSE_KEY,
        ...(inputProps && { inputProps }),
      });
      const describe = (renderId: string, startedAt: number): StartedRender => ({
        jobId,
        renderId,
        bucketName,
        destination,
        startedAt,
        ...renderLinks(region, functionName, bucketName, renderId),
        secondsUntilNextLook: 2,
      });

      const job = { jobId, executionArn: input.executionArn, requestHash: hashRequest(request) };
      const decision = await claimJob(claims, job, Date.now());
      if (decision.kind === 'join') return { ...decision.render, joined: true };
      const { stored } = decision;
      looking = decision.kind === 'look';
      const token = claimToken(jobId, stored.claim);
      const render = looking
        ? describe(
            await lookForRender(s3, claims, bucketName, jobId, stored, Date.now()),
            stored.claim.claimedAt,
          )
        : describe(
            await startClaimedRender(
              claims,
              { jobId, stored, giveUpAt },
              { ...options, metadata: { ...options.metadata, [TOKEN_FIELD]: token } },
            ),
            stored.claim.claimedAt,
          );
      await settleQuietly(claims, jobId, stored, { state: 'started', render });
      logger.info(looking ? 'Render found' : 'Render started', { renderId: render.renderId });
      return looking ? { ...render, joined: true } : render;
    } catch (error) {
      throw nameStepError(error, { looking, mayRetry: Date.now() < giveUpAt });
    }
  },
);
