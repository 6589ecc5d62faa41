/** What an invocation has come to. */
export interface InvocationResult {
  readonly requestId: string;
  /** The handler's result as JSON text; the error, `{errorType, errorMessage, trace}`, if there is one. */
  readonly payload: Buffer;
  /** `Unhandled` if the function failed. */
  readonly functionError?: 'Unhandled';
}
