import { getRenderProgress } from '@remotion/lambda/client';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { RemotionDeployment } from '../render/remotion-deployment.ts';
import { spentOn } from '../render/render-budget.ts';
import type { KnownRender } from '../render/render-claims.ts';

const requestHandler = new NodeHttpHandler({
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  throwOnRequestTimeout: true,
});

/** What a render has cost until now in USD, as Remotion estimates it; null when that cannot be read. */
export async function costOfRender(
  { region, bucketName, functionName: deployed }: RemotionDeployment,
  render: Pick<KnownRender, 'renderId' | 'functionName' | 'spentBeforeInUsd'>,
): Promise<number | null> {
  const { renderId, functionName = deployed } = render;
  const question = { region, functionName, bucketName, renderId, skipLambdaInvocation: true as const };
  return getRenderProgress({ ...question, requestHandler }).then(
    (progress) => spentOn(render, progress),
    () => null,
  );
}
