import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { EncryptionKeys } from './grants/encryption-keys.ts';
import type { RemotionRenderer } from './renderer/remotion-renderer.ts';

/** Headers of every write to a destination bucket. */
export interface DestinationHeaders {
  /**
   * `x-amz-server-side-encryption`. With `aws:kms`, a bucket's own `encryptionKey` is named as well, where it is known.
   * @default - no such header
   */
  readonly serverSideEncryption?: 'AES256' | 'aws:kms';
  /**
   * `x-amz-acl: bucket-owner-full-control`, which buckets of other accounts with ACLs may demand.
   * @default false
   */
  readonly bucketOwnerFullControl?: boolean;
}

/** Settings of a render workflow. */
export interface RenderWorkflowProps {
  /**
   * Remotion's functions, bucket and sites.
   * @default - those that `remotionFunctionName` and `remotionBucketName` name
   */
  readonly renderer?: RemotionRenderer;
  /**
   * Name of a function that is deployed already, as `npx remotion lambda functions ls` prints it. Not with `renderer`.
   * @default - that of `renderer`
   */
  readonly remotionFunctionName?: string;
  /**
   * Name of the Remotion bucket of this region (`remotionlambda-…`), in which Remotion keeps sites and renders. Not
   * with `renderer`.
   * @default - that of `renderer`
   */
  readonly remotionBucketName?: string;
  /**
   * Bucket that finished videos are copied to.
   * @default - a new private bucket, which stays when the stack is deleted
   */
  readonly destinationBucket?: IBucket;
  /**
   * Whether the new destination bucket keeps earlier versions of an object.
   * @default false
   */
  readonly versionedDestination?: boolean;
  /**
   * Further buckets that a request may name as its destination.
   * @default - none
   */
  readonly otherDestinationBuckets?: readonly IBucket[];
  /**
   * Whether requests may set tags on their videos.
   * @default false
   */
  readonly destinationTags?: boolean;
  /**
   * Headers that the policies of destination buckets, or of an organization, demand of everything that is written.
   * @default - none: S3 encrypts as the bucket is set up, and the bucket's owner owns what is in it
   */
  readonly destinationHeaders?: DestinationHeaders;
  /**
   * Whether the files of a render are deleted from the Remotion bucket, but for its progress, once its video is
   * delivered. Those of a render whose progress does not say that it is finished stay: they are the only proof.
   * @default false
   */
  readonly deleteSource?: boolean;
  /**
   * URL or name of the Remotion site for requests that name none.
   * @default - the first site of `renderer`; without any, every request has to name its `serveUrl`
   */
  readonly defaultServeUrl?: string;
  /**
   * Event bus on which render requests arrive, and on which the workflow publishes what becomes of them.
   * @default - a new bus with a name of stack and construct: `serviceName`
   */
  readonly eventBus?: IEventBus;
  /**
   * Accepted values of an event's `source`.
   * @default - every source
   */
  readonly eventSources?: readonly string[];
  /**
   * Whether requests may come as messages of a queue.
   * @default false
   */
  readonly renderQueue?: boolean;
  /**
   * Whether requests may come over HTTP, signed by an IAM identity. `with-access-logs` logs them, with the role that
   * the settings of API Gateway name for this account and region: where they name none, the deployment fails.
   * @default false
   */
  readonly renderApi?: boolean | 'with-access-logs';
  /**
   * Whether tables can be rendered, a video of each row, by a state machine of its own.
   * @default false
   */
  readonly renderBatch?: boolean;
  /**
   * Remotion licence key, with which Remotion's function reports each render's use to Remotion.
   * Source: https://www.remotion.dev/docs/licensing
   * @default - none: no use is reported
   */
  readonly remotionLicenseKey?: string;
  /**
   * The longest time without a new report of a running render, in seconds from 2 to 900. More seconds cost fewer
   * state transitions; the finish is known as soon.
   * @default 30
   */
  readonly maxSecondsBetweenUpdates?: number;
  /**
   * How many renders of the workflow may run at once, of all ways in together. The others wait for their turn, which
   * costs nothing. A render invokes up to 200 functions at once, and an account runs 1,000 of them, a new one 10.
   * May be changed by a deployment; executions that were started while there was no limit are not counted.
   * @default - any number, until Lambda throttles them
   */
  readonly maxConcurrentRenders?: number;
  /**
   * What a render may cost in USD, by Remotion's own estimate, where the request does not say it. A render that
   * has cost more and is not finished is cancelled (`RenderOverBudget`).
   * @default - renders may cost anything
   */
  readonly maxCostInUsd?: number;
  /**
   * Topic that is told of alarms. Its policy, and that of its key, must let CloudWatch publish: `docs/operations.md`.
   * @default - no alarms
   */
  readonly alarmTopic?: ITopic;
  /**
   * Alarms when all renders of 24 hours have cost more, in USD, by Remotion's own estimate. Needs `alarmTopic`.
   * @default - no such alarm
   */
  readonly maxSpendPerDayInUsd?: number;
  /**
   * Whether there is a dashboard of the workflow in CloudWatch. It costs 3 USD a month beyond the first three of an
   * account, also where nobody looks at it.
   * @default false
   */
  readonly dashboard?: boolean;
  /**
   * How long the logs of the functions and of the state machine are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Customer managed keys.
   * @default - everything is encrypted with keys of AWS
   */
  readonly encryptionKeys?: EncryptionKeys;
  /**
   * ARN of a managed policy that bounds every role of the workflow.
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
}
