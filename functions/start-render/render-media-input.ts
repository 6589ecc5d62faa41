import { LambdaClientInternals, type RenderMediaOnLambdaInput } from '@remotion/lambda/client';
import type { RenderOptions } from '../../statemachine/contract.ts';
import { invalidRenderRequest } from '../../statemachine/parse-render-request.ts';
import { type SiteAddresses, siteUrl } from '../../statemachine/site-url.ts';
import { chooseSite, requirePrivate } from '../render/renderer-settings.ts';

/** What the deployment, and not the request, decides about a render. */
interface RenderSettings {
  region: RenderMediaOnLambdaInput['region'];
  functionName: string;
  forceBucketName: string;
  /** Site for requests that name none. */
  defaultServeUrl: string | undefined;
  /** Where the sites of the stack's renderer are, if it has one. */
  sites?: SiteAddresses | undefined;
  /** Null makes Remotion's function send no usage event. */
  licenseKey: string | undefined;
  /** Props read from `inputPropsUri`. */
  inputProps?: Record<string, unknown>;
}

/**
 * The options of `renderMediaOnLambda`: the request's own, less those that act on the delivered video instead, and
 * the workflow's over them. Only roles of this account read Remotion's own copy, so it is private by default; at its
 * own default level, `info`, Remotion's function would log the props.
 *
 * @throws WorkflowError `InvalidRenderRequest` when neither the request nor the stack names a site, or one that
 * Remotion refuses, and for a public output in the bucket of a renderer.
 */
export function renderMediaInput(
  { inputPropsUri: _, downloadBehavior: __, ...render }: RenderOptions,
  { defaultServeUrl, sites, licenseKey, ...settings }: RenderSettings,
): RenderMediaOnLambdaInput {
  requirePrivate(render, sites);
  const site = chooseSite(render, defaultServeUrl);
  const serveUrl = sites ? siteUrl(site, sites) : site;
  try {
    // The check that Remotion's function makes first.
    const { region, forceBucketName: bucketName } = settings;
    LambdaClientInternals.convertToServeUrlImplementation({ urlOrId: site, region, bucketName });
  } catch (error) {
    throw invalidRenderRequest([`render.serveUrl: ${(error as Error).message}`]);
  }
  return {
    privacy: 'private',
    logLevel: 'warn',
    ...render,
    serveUrl,
    ...settings,
    licenseKey: licenseKey ?? null,
    enableCancellation: true,
  };
}
