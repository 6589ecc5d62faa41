import { LOCAL_REGION } from '../aws.ts';
import type { LocalRestApi } from './local-stack.ts';

/** Where the APIs of this machine are; no bucket has such a name. */
export const API_PATH = '/_aws/execute-api/';

/** Puts this machine's address in place of an API's own: `https://ID.execute-api.REGION.amazonaws.com`. */
export function toLocalApiUrl(text: string, apis: readonly LocalRestApi[], endpoint: string): string {
  return apis.reduce(
    (url, { id }) =>
      url.replaceAll(
        `https://${id}.execute-api.${LOCAL_REGION}.amazonaws.com/`,
        `${endpoint}${API_PATH}${id}/`,
      ),
    text,
  );
}
