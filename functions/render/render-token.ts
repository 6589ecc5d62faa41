import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import type { RemotionProgress } from './remotion-progress.ts';
import type { RenderClaim } from './render-claims.ts';

/** Field of Remotion's `metadata` in which renders of 0.1.0 have their token. */
const FORMER_TOKEN_FIELD = 'RemotionStepFunctionsJob';

/** What the progress of a render says of where it came from. */
export type RenderOrigin = Partial<
  Pick<NonNullable<RemotionProgress['renderMetadata']>, 'metadata' | 'downloadBehavior' | 'startedDate'>
>;

/**
 * The option that carries a claim's token with its render, so that the render can be found when the answer to its
 * start was lost: the name under which Remotion's own copy would be downloaded. It stays out of the file itself,
 * which `metadata` goes into, and Remotion keeps it in the progress.
 */
export function carryingToken({ token }: RenderClaim): Pick<RenderMediaOnLambdaInput, 'downloadBehavior'> {
  return { downloadBehavior: { type: 'download', fileName: token ?? null } };
}

/** Whether a render was started for a claim. */
export function carriesToken(
  { downloadBehavior, metadata }: RenderOrigin,
  jobId: string,
  { token, attempt }: RenderClaim,
): boolean {
  if (token === undefined) return metadata?.[FORMER_TOKEN_FIELD] === `${jobId}/${attempt}`;
  return downloadBehavior?.type === 'download' && downloadBehavior.fileName === token;
}
