/** Where the sites of a renderer are. */
export interface SiteAddresses {
  /** URL of the folder that they are in, without a slash at its end. */
  readonly url: string;
  /** Their folders there, by their names. */
  readonly folders: Readonly<Record<string, string>>;
}

/** The URL of a site that is given by its URL or its name; also of one that Remotion's own command has put there. */
export function siteUrl(urlOrName: string, { url, folders }: SiteAddresses): string {
  if (/^https?:\/\//.test(urlOrName)) return urlOrName;
  const folder = Object.hasOwn(folders, urlOrName) ? folders[urlOrName] : encodeURIComponent(urlOrName);
  return `${url}/${folder}/index.html`;
}
