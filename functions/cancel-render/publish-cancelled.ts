import type { CancelOutcome } from '../../statemachine/contract.ts';
import { renderLinks } from '../render/find-render.ts';
import type { RemotionDeployment } from '../render/remotion-deployment.ts';
import type { KnownRender, RenderClaims } from '../render/render-claims.ts';
import { logger, traced } from '../runtime/step-handler.ts';
import { cancelledEvent, type ExecutionStatusChange, type RenderOfStopped } from './cancelled-event.ts';
import { costOfRender } from './cost-of-render.ts';

export interface PublishCancelledOptions {
  readonly claims: RenderClaims;
  readonly deployment: RemotionDeployment;
  readonly eventBusArn: string;
  readonly change: ExecutionStatusChange['detail'];
  /** Undefined when the request has none that is valid. */
  readonly jobId: string | undefined;
  /** Null when the request has none that is valid. */
  readonly context: Record<string, string> | null;
  readonly outcome: CancelOutcome;
}

/**
 * Publishes `Render Cancelled`. By then the render is cancelled: that nobody is told is worth a warning, not another
 * attempt of all.
 */
export async function publishCancelled(options: PublishCancelledOptions): Promise<void> {
  const { claims, deployment, eventBusArn, change, jobId, context, outcome } = options;
  try {
    const claim = jobId === undefined ? undefined : (await claims.read(jobId))?.claim;
    const render = claim?.render && (await describeRender(deployment, claim.render, outcome));
    const detail = cancelledEvent(change, jobId, outcome, render, context);
    const { publishEvent } = await import('../runtime/publish-event.ts');
    await traced('PutEvents', () => publishEvent(eventBusArn, 'Render Cancelled', detail));
  } catch (error) {
    const { name, message } = error as Error;
    logger.warn('Render Cancelled could not be published', { errorName: name, errorMessage: message });
  }
}

async function describeRender(
  deployment: RemotionDeployment,
  render: KnownRender,
  outcome: CancelOutcome,
): Promise<RenderOfStopped> {
  const { renderId, startedAt, functionName = deployment.functionName } = render;
  const { logsUrl } = renderLinks(deployment.region, functionName, deployment.bucketName, renderId);
  const costInUsd = outcome === 'Cancelled' ? await costOfRender(deployment, render) : null;
  return { renderId, startedAt, logsUrl, costInUsd };
}
