import { Tokenization } from 'aws-cdk-lib/core';
import type { RemotionResources } from './grants/narrowed-grants.ts';
import { remotionKeyGrants } from './grants/remotion-key-grants.ts';
import { type RemotionStep, remotionGrants } from './grants/remotion-policy.ts';
import type { StepGrant } from './grants/step-grant.ts';
import { type TurnFunction, turnGrants } from './grants/turn-grants.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';

type Settings = Pick<RenderWorkflowProps, 'maxConcurrentRenders' | 'encryptionKeys' | 'renderer'>;

/** Policies of a function for what it does with Remotion's resources, by their names. */
export function bucketPolicies(
  step: RemotionStep | TurnFunction,
  remotion: RemotionResources,
  { maxConcurrentRenders, encryptionKeys, renderer }: Settings,
): Record<string, readonly StepGrant[]> {
  const own = step === 'AwaitTurn' || step === 'SweepRenders' ? [] : remotionGrants(step, remotion);
  const hasTurns = maxConcurrentRenders !== undefined || step === 'SweepRenders';
  const turns = hasTurns && step !== 'CopyToBucket' ? turnGrants(step, remotion) : [];
  const bucketKey = renderer ? renderer.bucket.encryptionKey : encryptionKeys?.remotionBucket;
  const writes = [...own, ...turns].some(({ actions }) => actions.includes('s3:PutObject'));
  const key = remotionKeyGrants(step, bucketKey, remotion.bucketName, writes);
  return Object.fromEntries(
    Object.entries({ Remotion: own, Turns: turns, RemotionKey: key }).filter(
      ([, grants]) => grants.length > 0,
    ),
  );
}

/** What tells a function of the turns of renders, where they have a limit. */
export function turnsEnvironment(
  { turnsPrefix = '' }: RemotionResources,
  { maxConcurrentRenders }: Settings,
): Record<string, string> {
  if (maxConcurrentRenders === undefined) return {};
  return {
    TURNS_PREFIX: turnsPrefix,
    MAX_CONCURRENT_RENDERS: Tokenization.stringifyNumber(maxConcurrentRenders),
  };
}
