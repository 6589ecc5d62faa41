import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts';
import { FunctionHost, type FunctionHostOptions } from '../../../local/lambda/function-host.ts';

export interface TestFunction extends Partial<Omit<FunctionConfiguration, 'functionName' | 'folder'>> {
  /** Source text of `index.mjs`. */
  readonly code: string;
}

/** A host of functions written on the spot. */
export function testHost(
  functions: Record<string, TestFunction>,
  options: Partial<FunctionHostOptions> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'test-functions-'));
  const lines: string[] = [];
  let keys = 0;
  const host = new FunctionHost({
    functions: Object.entries(functions).map(([functionName, { code, ...configuration }]) => {
      const codeFolder = mkdtempSync(join(folder, `${functionName}-`));
      writeFileSync(join(codeFolder, 'index.mjs'), code);
      return {
        functionName,
        folder: codeFolder,
        handler: 'index.handler',
        timeoutInSeconds: 10,
        memoryInMegabytes: 128,
        ...configuration,
      };
    }),
    issueCredentials: (name) => ({
      accessKeyId: `${name}-${++keys}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
    }),
    endpointUrl: () => 'http://127.0.0.1:4566',
    log: (name, line) => lines.push(`${name}: ${line}`),
    ...options,
  });
  return {
    host,
    /** What the functions have written, a line each. */
    lines,
    async call(functionName: string, event: unknown = {}) {
      const result = await host.invoke({ functionName, payload: JSON.stringify(event) });
      return { ...result, payload: JSON.parse(result.payload.toString()) };
    },
    async stop() {
      await host.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
