import { LambdaClientInternals, speculateFunctionName } from '@remotion/lambda/client';

/** The size of a Remotion function. Its name says it. */
export interface RendererSize {
  /**
   * Memory in MB, from 512 to 10,240. CPU power grows with it.
   * @default 2048
   */
  readonly memorySizeInMb?: number;
  /**
   * Space for the files of a render in MB, from 512 to 10,240; twice the size of the longest video.
   * Source: https://www.remotion.dev/docs/lambda/disk-size
   * @default 2048
   */
  readonly diskSizeInMb?: number;
  /**
   * How long a render may take, in seconds from 15 to 900.
   * @default 240
   */
  readonly timeoutInSeconds?: number;
}

const DEFAULT_SIZE = { memorySizeInMb: 2048, diskSizeInMb: 2048, timeoutInSeconds: 240 };

/** A size of which everything is known, and the name that Remotion gives a function of that size. */
export interface NamedSize extends Required<RendererSize> {
  readonly functionName: string;
}

/** @throws Error `InvalidRendererSize` */
export function namedSize(given: RendererSize): NamedSize {
  const size = { ...DEFAULT_SIZE, ...given };
  try {
    LambdaClientInternals.validateMemorySize(size.memorySizeInMb);
    LambdaClientInternals.validateDiskSizeInMb(size.diskSizeInMb);
    const { timeoutInSeconds: timeout } = size;
    // Source: https://www.remotion.dev/docs/lambda/deployfunction#timeoutinseconds
    if (!Number.isInteger(timeout) || timeout < 15 || timeout > 900)
      throw new TypeError(`parameter 'timeoutInSeconds' must be between 15 and 900, but got ${timeout}`);
  } catch (error) {
    throw invalidRendererSize((error as Error).message);
  }
  return { ...size, functionName: speculateFunctionName(size) };
}

export function invalidRendererSize(message: string): Error {
  const error = new Error(message);
  error.name = 'InvalidRendererSize';
  return error;
}
