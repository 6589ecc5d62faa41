import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { speculateFunctionName } from '@remotion/lambda/client';
import type { FunctionConfiguration } from '../lambda/function-configuration.ts';
import type { Chromium } from './chromium.ts';

const SIZE = { memorySizeInMb: 2048, diskSizeInMb: 2048, timeoutInSeconds: 240 };

/** `remotion-render-…`: Remotion's naming convention for the installed version and the size of this function. */
export const REMOTION_FUNCTION_NAME = speculateFunctionName(SIZE);

/** Remotion's real function for the function host. */
export function remotionFunction({ executablePath, environment }: Chromium): FunctionConfiguration {
  return {
    functionName: REMOTION_FUNCTION_NAME,
    folder: dirname(fileURLToPath(import.meta.url)),
    handler: 'function.handler',
    environment: { ...environment, CHROMIUM_PATH: executablePath },
    timeoutInSeconds: SIZE.timeoutInSeconds,
    memoryInMegabytes: SIZE.memorySizeInMb,
    // As Remotion deploys it: a launch that is tried again would render again.
    maximumRetryAttempts: 0,
  };
}
