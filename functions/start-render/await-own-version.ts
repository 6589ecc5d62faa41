import { LambdaClientInternals } from '@remotion/lambda/client';
import { WorkflowError } from '../../statemachine/errors.ts';

/**
 * Looks whether the Remotion function is of the version of the client, which it refuses otherwise. While a stack is
 * changed they differ for seconds: Lambda takes a function's code and its settings one after the other.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 *
 * @param giveUpAt Milliseconds since 1970.
 * @throws WorkflowError `RenderStartPending`, then `RenderNotStarted`
 */
export function awaitOwnVersion(functionName: string, giveUpAt: number): void {
  const [, version = ''] = /^remotion-render-(.+)-mem\d+mb-disk\d+mb-\d+sec$/.exec(functionName) ?? [];
  const own = LambdaClientInternals.LAMBDA_VERSION_STRING;
  if (version === own || version === '') return;
  throw new WorkflowError(
    Date.now() < giveUpAt ? 'RenderStartPending' : 'RenderNotStarted',
    `${functionName} is of Remotion ${version.replaceAll('-', '.')}, and StartRender of ${own.replaceAll('-', '.')}.`,
  );
}
