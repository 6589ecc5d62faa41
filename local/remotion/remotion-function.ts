import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionConfiguration } from '../lambda/function-configuration.ts';
import type { Chromium } from './chromium.ts';

/** Runs the installed Remotion's own code, with this machine's Chromium, as a function of the template. */
export function remotionFunction({ executablePath, environment }: Chromium) {
  return (configuration: FunctionConfiguration): FunctionConfiguration => ({
    ...configuration,
    folder: dirname(fileURLToPath(import.meta.url)),
    handler: 'function.handler',
    environment: { ...configuration.environment, ...environment, CHROMIUM_PATH: executablePath },
  });
}
