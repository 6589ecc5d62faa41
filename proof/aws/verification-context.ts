/** Name of the stack, which no other stack of the account has. */
export const VERIFICATION_STACK = 'RemotionStepFunctionsVerification';

/** Renders at once: few enough that others wait, and that an account which may run ten functions has room for them. */
export const RENDERS_AT_ONCE = 2;

/** Context values of the stack that is tried: every way in, turns and batches. */
export const VERIFICATION_CONTEXT = {
  renderQueue: 'true',
  renderApi: 'true',
  renderBatch: 'true',
  dashboard: 'true',
  maxConcurrentRenders: String(RENDERS_AT_ONCE),
  maxSecondsBetweenUpdates: '5',
} as const;
