import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConsole } from './console-handler.ts';
import type { ConsoleOptions } from './console-options.ts';

/** The page with a server of its own, on 127.0.0.1. */
export interface ConsoleServer {
  /** The link to open; it has the key to the page. */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param port 0 for any free one */
export async function startConsoleServer(options: ConsoleOptions, port: number): Promise<ConsoleServer> {
  const { handle, path } = createConsole(options);
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
