import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createConsoleApi } from './console-api.ts';
import type { ConsoleOptions } from './console-options.ts';
import { createGuard, secure } from './guard.ts';
import { type HttpHandler, Refusal, sendJson } from './http.ts';
import { IMPORT_MAP_HASH, pageFile } from './page-files.ts';
import { describeTrouble } from './trouble.ts';

/** The path that the page is at. */
export const CONSOLE_PATH = '/_console';

/** The page, ready to be served. */
export interface Console {
  readonly handle: HttpHandler;
  /** The page's path, with the key that it needs, to go behind an origin. */
  readonly path: string;
}

/** Makes the page of a state machine, and all that it asks for. */
export function createConsole(options: ConsoleOptions): Console {
  const guard = createGuard();
  const { token } = guard;
  const api = createConsoleApi(options, guard, randomUUID().slice(0, 8));
  const media = mediaOrigins(options);
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    secure(response, [IMPORT_MAP_HASH], media);
    guard.checkHost(request);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === CONSOLE_PATH) {
      response.writeHead(308, { location: `${CONSOLE_PATH}/` }).end();
      return;
    }
    const path = url.pathname.slice(CONSOLE_PATH.length + 1);
    if (path.startsWith('api/')) return api(path.slice('api/'.length), url.searchParams, request, response);
    const file = request.method === 'GET' ? pageFile(path, options.isOpen ? token : '') : undefined;
    if (!file) throw new Refusal(404, 'There is no such page.');
    response.writeHead(200, { 'content-type': file.contentType, 'cache-control': 'no-cache' });
    response.end(file.content);
  }
  return {
    path: options.isOpen ? CONSOLE_PATH : `${CONSOLE_PATH}/#key=${token}`,
    handle(request, response) {
      answer(request, response).catch((error: Error) => {
        if (response.headersSent) return void response.destroy();
        const status = error instanceof Refusal ? error.status : error instanceof RangeError ? 400 : 502;
        sendJson(response, status, { trouble: describeTrouble(error) });
      });
    },
  };
}

/** Where videos come from: the endpoint, else S3, whose hosts begin with a bucket's name. */
function mediaOrigins({ endpoint, stateMachineArn }: ConsoleOptions): string[] {
  if (endpoint !== undefined) return [new URL(endpoint).origin];
  return [
    stateMachineArn.startsWith('arn:aws-cn:') ? 'https://*.amazonaws.com.cn' : 'https://*.amazonaws.com',
  ];
}
