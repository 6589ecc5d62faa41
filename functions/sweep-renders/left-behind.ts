import type { S3Client } from '@aws-sdk/client-s3';
import { readRequest } from '../../statemachine/read-request.ts';
import { jobIdSchema } from '../../statemachine/render-request-schema.ts';
import { fateOf } from '../render/look-at-render.ts';
import type { RemotionDeployment } from '../render/remotion-deployment.ts';
import type { RenderClaims } from '../render/render-claims.ts';
import type { SweptExecution } from './executions.ts';

/** Whether the claim of an execution that has failed or was stopped still has a render, or the start of one, that goes on. */
export async function hasLeftRender(
  s3: S3Client,
  claims: RenderClaims,
  deployment: RemotionDeployment,
  { executionArn, input = '{}' }: SweptExecution,
): Promise<boolean> {
  const { jobId } = readRequest(JSON.parse(input), executionArn.split(':').at(-1) ?? '');
  const validJobId = jobIdSchema.safeParse(jobId).data;
  const claim = validJobId === undefined ? undefined : (await claims.read(validJobId))?.claim;
  if (claim?.owner !== executionArn) return false;
  if (claim.state === 'starting') return true;
  if (claim.state !== 'started' || !claim.render) return false;
  const { fate } = await fateOf(s3, deployment, claim.render);
  return ['running', 'queued'].includes(fate);
}
