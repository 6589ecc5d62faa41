import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Aws } from 'aws-cdk-lib/core';
import type { BatchStep } from './batch-policy.ts';
import { keyThroughS3 } from './key-through-s3.ts';
import type { RemotionStep } from './remotion-policy.ts';
import type { StepGrant } from './step-grant.ts';
import type { TurnFunction } from './turn-grants.ts';

/** Who writes into the Remotion bucket: claims, props, the signal to stop, where a copy stands, renders, batches. */
const WRITING: readonly string[] = [
  'StartRender',
  'CopyToBucket',
  'CancelRender',
  'RemotionFunction',
  'PrepareBatch',
  'RecordRow',
  'FollowBatch',
  'SummarizeBatch',
  'StateMachine',
];

/**
 * What a step, the state machine of batches or Remotion's function may do with the key that the Remotion bucket is
 * encrypted with.
 */
export function remotionKeyGrants(
  who: RemotionStep | TurnFunction | BatchStep | 'StateMachine' | 'RemotionFunction',
  key: IKey | undefined,
  bucketName: string,
  writes = WRITING.includes(who),
): StepGrant[] {
  if (!key) return [];
  return [
    {
      sid: 'RemotionBucketKey',
      why: 'The Remotion bucket is encrypted with this key.',
      actions: ['kms:Decrypt', ...(writes ? ['kms:GenerateDataKey'] : [])],
      ...keyThroughS3(key, `arn:${Aws.PARTITION}:s3:::${bucketName}`, Aws.REGION),
    },
  ];
}
