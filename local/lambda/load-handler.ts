import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const STREAMING = Symbol('streams its response');
const EXTENSIONS = ['.mjs', '.js', '.cjs', '.ts'];

export type Handler = ((...parameters: unknown[]) => unknown) & { [STREAMING]?: true };

/** Marks a handler as one that is called with (event, responseStream, context): `awslambda.streamifyResponse`. */
export function streamifyResponse(handler: Handler): Handler {
  return Object.assign(handler, { [STREAMING]: true as const });
}

/** Whether the handler went through `streamifyResponse`. */
export function isStreaming(handler: Handler): boolean {
  return handler[STREAMING] === true;
}

/**
 * Loads a handler such as `index.handler` from a folder.
 * @throws `Runtime.MalformedHandlerName`, `Runtime.ImportModuleError`, `Runtime.HandlerNotFound`,
 *   `Runtime.UserCodeSyntaxError`, or what the module itself throws
 */
export async function loadHandler(folder: string, handler: string): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  if (dot < 1 || dot === handler.length - 1) throw runtimeError('MalformedHandlerName', 'Bad handler');
  const path = join(folder, handler.slice(0, dot));
  const file = EXTENSIONS.map((extension) => path + extension).find(existsSync);
  if (!file) throw runtimeError('ImportModuleError', `Error: Cannot find module '${handler.slice(0, dot)}'`);

  const module = await import(pathToFileURL(file).href).catch((error) => {
    if (error instanceof SyntaxError) throw runtimeError('UserCodeSyntaxError', String(error));
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND')
      throw runtimeError('ImportModuleError', String(error));
    throw error;
  });
  const name = handler.slice(dot + 1);
  const found: unknown = module[name] ?? module.default?.[name];
  if (typeof found !== 'function')
    throw runtimeError('HandlerNotFound', `${handler} is undefined or not exported`);
  return found as Handler;
}

function runtimeError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name: `Runtime.${name}` });
}
