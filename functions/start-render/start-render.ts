import type { StartedRender, StartRenderInput } from '../../statemachine/contract.ts';
import { parseRenderRequest } from '../../statemachine/parse-render-request.ts';
import { chooseDestination, keyBeforeRender, readAllowedDestinations } from '../render/destination.ts';
import { renderLinks } from '../render/find-render.ts';
import { formerHashOfRequest, hashRequest } from '../render/hash-request.ts';
import { nameStepError } from '../render/name-step-error.ts';
import { readRemotionDeployment } from '../render/remotion-deployment.ts';
import { type KnownRender, RenderClaims } from '../render/render-claims.ts';
import { chooseFunction, readRendererSettings } from '../render/renderer-settings.ts';
import { requestedBy } from '../render/requested-by.ts';
import { bucketOwners } from '../runtime/bucket-owners.ts';
import { requireEnvironment } from '../runtime/environment.ts';
import { measure, secondsSince } from '../runtime/measure.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { logger, stepHandler } from '../runtime/step-handler.ts';
import { readTurns } from '../turns/read-turns.ts';
import { noCapacity, startTimeoutOf } from '../turns/start-timeout.ts';
import { awaitOwnVersion } from './await-own-version.ts';
import { readInputProps } from './input-props.ts';
import { lookAtDestination } from './look-at-destination.ts';
import { renderMediaInput } from './render-media-input.ts';
import { startJob } from './start-job.ts';

const THROTTLED = ['RenderStartThrottled', 'RenderThrottled'];

const deployment = readRemotionDeployment();
const { region, bucketName } = deployment;
const { JOBS_PREFIX } = requireEnvironment('JOBS_PREFIX');
const destinations = readAllowedDestinations();
const rendererSettings = readRendererSettings();
const settings = {
  region,
  forceBucketName: bucketName,
  defaultServeUrl: process.env.DEFAULT_SERVE_URL,
  sites: rendererSettings.sites,
  licenseKey: process.env.REMOTION_LICENSE_KEY,
};
const { MAX_COST_IN_USD } = process.env;
const defaultMaxCostInUsd = MAX_COST_IN_USD === undefined ? undefined : Number(MAX_COST_IN_USD);
if (defaultMaxCostInUsd !== undefined && !(defaultMaxCostInUsd > 0))
  throw new Error('MAX_COST_IN_USD is no number greater than 0.');
const ownerOf = bucketOwners();
const s3 = shortCallsS3Client();
const claims = new RenderClaims(s3, bucketName, JOBS_PREFIX);
const turns = readTurns(s3, bucketName);

/** Checks the request, claims its job and starts the render, or joins the render that the job has. */
export const handler = stepHandler<StartRenderInput, StartedRender>(
  'StartRender',
  (input) => ({ jobId: requestedBy(input).jobId, executionArn: input.executionArn }),
  async (input) => {
    const { executionArn, enteredAt, throttledRenderId, turn } = input;
    const waitsSince = turn ? turn.calledAt : Date.parse(enteredAt);
    const requested = requestedBy(input);
    const request = parseRenderRequest(requested.request, requested.jobId);
    const { jobId } = request;
    const startTimeoutInSeconds = startTimeoutOf(request, turns);
    const maxCostInUsd = request.maxCostInUsd ?? defaultMaxCostInUsd;
    const giveUpAt = Date.parse(enteredAt) + startTimeoutInSeconds * 1000;
    try {
      if (turns && turn && (await turns.take(turn.ticket))) measure({ TurnWait: turn.waitedInSeconds });
      if (throttledRenderId) {
        if (Date.now() >= giveUpAt) throw noCapacity(throttledRenderId, startTimeoutInSeconds);
        measure({ StartWait: secondsSince(waitsSince) });
      }
      const destination = chooseDestination(request, destinations);
      const { inputPropsUri } = request.render;
      const inputProps = inputPropsUri && (await readInputProps(s3, inputPropsUri, bucketName));
      const functionName = chooseFunction(request, deployment.functionName, rendererSettings.otherFunctions);
      awaitOwnVersion(functionName, giveUpAt);
      const options = renderMediaInput(request.render, {
        ...settings,
        functionName,
        ...(inputProps && { inputProps }),
      });
      const job = {
        jobId,
        executionArn,
        requestHash: hashRequest(request, { serveUrl: options.serveUrl, functionName, destination }),
        formerRequestHash: formerHashOfRequest(request),
        functionName,
        ...(options.deleteAfter && { deleteAfter: options.deleteAfter }),
        ...(maxCostInUsd !== undefined && { maxCostInUsd }),
        ...(throttledRenderId && { endedRenderId: throttledRenderId }),
      };
      const describe = (render: KnownRender): StartedRender => ({
        jobId,
        ...render,
        bucketName,
        destination,
        ...(request.context && { context: request.context }),
        launchBy: giveUpAt,
        ...renderLinks(region, render.functionName ?? functionName, bucketName, render.renderId),
      });
      const render = await startJob({
        s3,
        claims,
        deployment,
        job,
        options,
        giveUpAt,
        describe,
        lookAtDestination: () =>
          lookAtDestination({
            s3,
            inRegion: shortCallsS3Client,
            destination,
            key: keyBeforeRender(destination, request),
            owner: ownerOf(destination.bucket),
          }),
      });
      logger.info(render.joined ? 'Render joined' : 'Render started', { renderId: render.renderId });
      if (!render.joined) measure({ RendersStarted: 1, StartWait: secondsSince(waitsSince) });
      return render;
    } catch (error) {
      const named = nameStepError(error, { looking: false, giveUpAt });
      if (THROTTLED.includes(named.name)) measure({ StartWait: secondsSince(waitsSince) });
      throw named;
    }
  },
);
