import { LOCAL_REGION } from '../aws.ts';

/** Where the APIs of this machine are; no bucket has such a name. */
export const API_PATH = '/_aws/execute-api/';

/** Where its CloudFront distributions are. */
export const DISTRIBUTION_PATH = '/_aws/cloudfront/';

/** What has an address of its own on AWS. */
export interface Addressed {
  readonly restApis: readonly { readonly id: string }[];
  readonly distributions: readonly { readonly id: string; readonly domainName: string }[];
  readonly buckets: readonly { readonly name: string }[];
}

/** Puts this machine's addresses in place of those of APIs, distributions and buckets. */
export function toLocalUrl(
  text: string,
  { restApis, distributions, buckets }: Addressed,
  endpoint: string,
): string {
  const addresses = [
    ...restApis.map(({ id }) => [`${id}.execute-api.${LOCAL_REGION}.amazonaws.com`, `${API_PATH}${id}`]),
    ...distributions.map(({ id, domainName }) => [domainName, `${DISTRIBUTION_PATH}${id}`]),
    ...buckets.map(({ name }) => [`${name}.s3.${LOCAL_REGION}.amazonaws.com`, `/${name}`]),
  ];
  return addresses.reduce(
    (url, [host, path]) => url.replaceAll(`https://${host}`, `${endpoint}${path}`),
    text,
  );
}
