/** What a failed invocation answers, as Lambda's Node.js runtime spells it. */
export interface FunctionErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Host → function process. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON text. */
  readonly payload: string;
  /** Milliseconds since 1970 at which the invocation times out. */
  readonly deadline: number;
  /** The value of `_X_AMZN_TRACE_ID`. */
  readonly traceId: string;
}

/** Function process → host. */
export type ProcessMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'succeeded' }
  | { readonly type: 'failed'; readonly error: FunctionErrorPayload }
  /** The handler did not load or an error was caught nowhere: the process is of no further use. */
  | { readonly type: 'died'; readonly error: FunctionErrorPayload };
