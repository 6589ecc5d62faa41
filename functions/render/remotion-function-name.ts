/**
 * The timeout of a Remotion function, in milliseconds, which its name carries.
 * Source: https://www.remotion.dev/docs/lambda/naming-convention
 *
 * @throws Error `InvalidRemotionFunctionName` when the name does not follow Remotion's convention: then the
 * progress of its renders cannot be read without invoking it.
 */
export function remotionFunctionTimeoutInMs(functionName: string): number {
  const match = /^remotion-render-.+-mem\d+mb-disk\d+mb-(\d+)sec$/.exec(functionName);
  if (!match) {
    const error = new Error(
      `"${functionName}" is not the name of a Remotion function, such as remotion-render-4-0-527-mem2048mb-disk2048mb-240sec. "npx remotion lambda functions ls" lists those that are deployed.`,
    );
    error.name = 'InvalidRemotionFunctionName';
    throw error;
  }
  return Number(match[1]) * 1000;
}
