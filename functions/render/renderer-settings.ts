import type { RenderOptions, RenderRequest } from '../../statemachine/contract.ts';
import { describeField, invalidRenderRequest } from '../../statemachine/parse-render-request.ts';
import type { SiteAddresses } from '../../statemachine/site-url.ts';

/** What is known of the stack's renderer; nothing, where the stack has none. */
export interface RendererSettings {
  /** Functions of other sizes, by the names by which requests choose them. */
  readonly otherFunctions: Readonly<Record<string, string>>;
  readonly sites: SiteAddresses | undefined;
}

export function readRendererSettings(): RendererSettings {
  const { OTHER_REMOTION_FUNCTIONS = '{}', SITES_URL, SITE_FOLDERS = '{}' } = process.env;
  return {
    otherFunctions: JSON.parse(OTHER_REMOTION_FUNCTIONS),
    sites: SITES_URL === undefined ? undefined : { url: SITES_URL, folders: JSON.parse(SITE_FOLDERS) },
  };
}

/**
 * The site of a render: its own, else the stack's.
 *
 * @throws WorkflowError `InvalidRenderRequest` when there is neither.
 */
export function chooseSite(
  { serveUrl }: Pick<RenderOptions, 'serveUrl'>,
  defaultServeUrl: string | undefined,
): string {
  const site = serveUrl ?? defaultServeUrl;
  if (site) return site;
  const accepted = 'the URL or the name of a Remotion site (this stack has no default)';
  throw invalidRenderRequest([describeField('render.serveUrl', undefined, accepted)]);
}

/**
 * The Remotion function of the size that the request chooses.
 *
 * @throws WorkflowError `InvalidRenderRequest` when the stack has no such size.
 */
export function chooseFunction(
  { size }: Pick<RenderRequest, 'size'>,
  defaultFunction: string,
  others: Readonly<Record<string, string>>,
): string {
  if (size === undefined || size === null) return defaultFunction;
  if (Object.hasOwn(others, size)) return others[size] as string;
  const names = Object.keys(others);
  const accepted = names.length > 0 ? `one of ${names.join(', ')}` : 'none: the stack has one size';
  throw invalidRenderRequest([describeField('size', size, accepted)]);
}

/**
 * Makes sure that Remotion can write the video: the bucket of a renderer refuses the ACL, and the render would be lost.
 *
 * @throws WorkflowError `InvalidRenderRequest` for a public output in the bucket of a renderer.
 */
export function requirePrivate(
  { privacy }: Pick<RenderOptions, 'privacy'>,
  sites: SiteAddresses | undefined,
): void {
  if (!sites || privacy !== 'public') return;
  const accepted = "private or no-acl: nothing in the bucket of this stack's renderer is public";
  throw invalidRenderRequest([describeField('render.privacy', privacy, accepted)]);
}
