import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { LayersPreset } from './remotion-package.ts';
import type { RendererNetwork } from './renderer-function.ts';
import type { RendererSize } from './renderer-size.ts';
import type { SiteAccess } from './site-address.ts';

/** Customer managed keys of a renderer, each optional, as those of a workflow. */
export interface RendererKeys {
  /**
   * For the bucket, but not for its sites: S3 hands nobody without a signature what is encrypted with such a key, and
   * the sites are read so. So sites that Remotion's own command puts there cannot be read.
   */
  readonly bucket?: IKey;
  /** For the logs of the functions. */
  readonly logs?: IKey;
}

/** Settings of a renderer: its size, and what all of its functions have. */
export interface RemotionRendererProps extends RendererSize {
  /**
   * Functions of other sizes, by the names by which requests choose them.
   * @default - none
   */
  readonly otherSizes?: Readonly<Record<string, RendererSize>>;
  /**
   * Sites by their names, each a folder that `npx remotion bundle` has made or a Remotion entry point, which is
   * bundled when the app is synthesized. Requests that name no site render the first.
   * @default - none
   */
  readonly sites?: Readonly<Record<string, string>>;
  /**
   * How Chromium reaches the sites.
   * @default cloudfront
   */
  readonly siteAccess?: SiteAccess;
  /**
   * How long a site stays after another has replaced it, in whole days.
   * @default 30
   */
  readonly replacedSitesExpireAfterInDays?: number;
  /**
   * Fonts and emojis.
   * @default default
   */
  readonly layers?: LayersPreset;
  /**
   * Invocations at once of each function; they are taken from what the account has.
   * @default - what the account has
   */
  readonly reservedConcurrentExecutions?: number;
  /**
   * Network of the functions. The sites and the APIs of S3 and Lambda have to be reached from it.
   * @default - none of the account's
   */
  readonly network?: RendererNetwork;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Tags of all that takes tags, beside those that Remotion's own command knows its functions by.
   * @default - none of its own; those of the stack are there in any case
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Customer managed keys.
   * @default - everything is encrypted with keys of AWS
   */
  readonly encryptionKeys?: RendererKeys;
  /**
   * ARN of a managed policy that bounds every role.
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
}
