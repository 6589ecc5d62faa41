import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EncryptionKeys } from '../grants/encryption-keys.ts';
import type { LayersPreset } from './remotion-package.ts';
import type { RendererNetwork } from './renderer-function.ts';
import type { RendererSize } from './renderer-size.ts';
import type { SiteAccess } from './site-address.ts';

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
   * Customer managed keys.
   * @default - everything is encrypted with keys of AWS
   */
  readonly encryptionKeys?: Pick<EncryptionKeys, 'logs'>;
  /**
   * ARN of a managed policy that bounds every role.
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
}
