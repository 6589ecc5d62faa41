import {
  LambdaClientInternals,
  type RenderMediaOnLambdaInput,
  type RenderMediaOnLambdaOutput,
  renderMediaOnLambda,
} from '@remotion/lambda/client';

/** Of the payload with which Remotion's function calls itself, in bytes (`call-lambda-async.ts` of its client). */
const MAX_PAYLOAD_IN_BYTES = 256 * 1024;

/** For what Remotion adds to the options of a render, in bytes: ids and the defaults of what is not set. */
const MARGIN_IN_BYTES = 8 * 1024;

/**
 * Calls `renderMediaOnLambda`, and has it upload props that are too large for the payload. Remotion itself counts
 * the characters of the props, which the payload holds as JSON within JSON: a quote is twice as long there.
 */
export function renderUploadingLargeProps(
  options: RenderMediaOnLambdaInput,
): Promise<RenderMediaOnLambdaOutput> {
  if (!isTooLarge(options)) return renderMediaOnLambda(options);
  const { awsImplementation } = LambdaClientInternals;
  const { getMaxNonInlinePayloadSizePerFunction } = awsImplementation;
  awsImplementation.getMaxNonInlinePayloadSizePerFunction = () => 0;
  try {
    // It decides before it first waits for anything.
    return renderMediaOnLambda(options);
  } finally {
    Object.assign(awsImplementation, { getMaxNonInlinePayloadSizePerFunction });
  }
}

function isTooLarge({ inputProps = {}, requestHandler: _, ...options }: RenderMediaOnLambdaInput): boolean {
  const payload = JSON.stringify({ ...options, inputProps: JSON.stringify(inputProps) });
  return Buffer.byteLength(payload) > MAX_PAYLOAD_IN_BYTES - MARGIN_IN_BYTES;
}
