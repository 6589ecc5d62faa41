/** What AWS takes for things, in milliseconds, in the middle; with a spread of the logarithm as the rest has it. */
export const LATENCIES = {
  /**
   * A conditional write of an object that others write too: 58 to 68 ms, at 15 changes a second of one object.
   * Source: https://cdouglas.github.io/posts/2026/01/conditional (measured, S3 Standard)
   */
  put: 62,
  // Beliefs, as in bench/replay-trace.ts.
  get: 25,
  list: 45,
  delete: 30,
  sendTask: 40,
  /** From one state to the next, and the call of its function. */
  call: 60,
} as const;

export const LATENCY_SPREAD = 0.35;

/** From the finish of a render to when GetRenderProgress knows it: the delays in docs/performance.md. */
export const NOTICED_WITHIN_IN_MS = { from: 100, to: 830 };

/** The copy and the end of an execution. */
export const COPY_IN_MS = 1_500;

/** StartRender's own work before the render begins: the claim and Remotion's function. */
export const START_IN_MS = 400;

/** Of the functions of the turns, in GB. */
export const FUNCTION_MEMORY_IN_GB = 256 / 1024;
export const START_MEMORY_IN_GB = 512 / 1024;

/** Functions of a render: 50 renders are 900 of an account's 1,000, which leaves a hundred for the workflow's own. */
export const FUNCTIONS_PER_RENDER = 18;
export const ACCOUNT_FUNCTIONS = 1_000;
export const REMOTION_MEMORY_IN_GB = 2;

export const SWEEP_EVERY_IN_MS = 60_000;
