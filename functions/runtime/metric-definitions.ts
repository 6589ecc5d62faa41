import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';

/** CloudWatch namespace of the workflow's own metrics. */
export const METRICS_NAMESPACE = 'RemotionStepFunctions';

/** Dimension of every metric: which workflow, by the functions' `POWERTOOLS_SERVICE_NAME`. */
export const SERVICE_DIMENSION = 'service';

/** Second dimension of `RendersFailed`. */
export const ERROR_DIMENSION = 'error';

interface MetricDefinition {
  /** As CloudWatch spells it. It has none for money. */
  readonly unit: 'Count' | 'Seconds' | 'Bytes' | 'Percent' | 'None';
  /** The step whose function emits it. */
  readonly step: 'StartRender' | 'GetRenderProgress' | 'CopyToBucket' | 'CancelRender' | 'SweepRenders';
  /** What one value is, and when it is emitted. */
  readonly meaning: string;
  /** Dimensions beside `service`. @default none */
  readonly dimensions?: readonly string[];
}

/**
 * The workflow's own metrics. A render is counted by the execution that has claimed its job, and a delivery by the
 * one that wrote the copy, so that duplicate requests and retries do not count twice.
 */
export const METRICS = {
  RendersStarted: { unit: 'Count', step: 'StartRender', meaning: 'A render was started, and not joined.' },
  StartWait: {
    unit: 'Seconds',
    step: 'StartRender',
    meaning:
      'How long a start has waited so far, each time that Lambda throttles it or a function of its render, and in all, when it has succeeded. Since its turn came, where renders wait for their turn.',
  },
  TurnWait: {
    unit: 'Seconds',
    step: 'StartRender',
    meaning: 'How long a render has waited for its turn, when it has come.',
  },
  RenderCost: {
    unit: 'None',
    step: 'GetRenderProgress',
    meaning:
      'What a render has cost since the look before, in USD, as Remotion estimates it; the sum is what was spent.',
  },
  DeadlineUsed: {
    unit: 'Percent',
    step: 'GetRenderProgress',
    meaning:
      "Of a render that still runs, at every look: its age in percent of the Remotion function's timeout. Above 100 it should have ended; after 200 it is given up.",
  },
  RenderTime: {
    unit: 'Seconds',
    step: 'GetRenderProgress',
    meaning: "From a render's start to its end, when it is finished.",
  },
  Looks: {
    unit: 'Count',
    step: 'GetRenderProgress',
    meaning: 'How often the workflow has looked at a render, when it is finished.',
  },
  RendersSucceeded: {
    unit: 'Count',
    step: 'CopyToBucket',
    meaning: 'A video was copied to its destination, and not found there.',
  },
  TimeToDelivery: {
    unit: 'Seconds',
    step: 'CopyToBucket',
    meaning: "From the execution's start to the video at its destination.",
  },
  CopyTime: { unit: 'Seconds', step: 'CopyToBucket', meaning: 'How long the copy took.' },
  BytesCopied: { unit: 'Bytes', step: 'CopyToBucket', meaning: 'Size of the video.' },
  RendersFailed: {
    unit: 'Count',
    step: 'CancelRender',
    meaning: 'An execution failed, with the name of its error, or was timed out.',
    dimensions: [ERROR_DIMENSION],
  },
  RendersCancelled: {
    unit: 'Count',
    step: 'CancelRender',
    meaning: 'The render of a stopped execution was told to stop.',
  },
  RunningRenders: {
    unit: 'Count',
    step: 'SweepRenders',
    meaning: 'How many renders have a place at this moment, every minute, where renders wait for their turn.',
  },
  WaitingRenders: {
    unit: 'Count',
    step: 'SweepRenders',
    meaning: 'How many renders wait for their turn at this moment, every minute.',
  },
  OldestTicketAge: {
    unit: 'Seconds',
    step: 'SweepRenders',
    meaning:
      'How long the render that has waited for longest has waited for its turn, every minute; 0 when none waits.',
  },
  SweepFound: {
    unit: 'Count',
    step: 'SweepRenders',
    meaning:
      'Something was left behind of which no event told: a render that nobody waits for, a place or a ticket of an execution that has ended.',
  },
} as const satisfies Record<string, MetricDefinition>;

/** Metrics of batches, which only a workflow with `renderBatch` has. An end of a batch is one of the four, not of a dry run. */
export const BATCH_METRICS = {
  RowsSucceeded: { unit: 'Count', step: 'RecordRow', meaning: 'A row of a batch has its video.' },
  RowsFailed: { unit: 'Count', step: 'RecordRow', meaning: 'A row of a batch has failed.' },
  BatchesSucceeded: { unit: 'Count', step: 'SummarizeBatch', meaning: 'A batch has ended as it should.' },
  BatchesFailed: {
    unit: 'Count',
    step: 'SummarizeBatch',
    meaning: 'A batch has ended in an error, but for the two below.',
  },
  BatchesOverBudget: {
    unit: 'Count',
    step: 'SummarizeBatch',
    meaning: 'A batch has spent its maxCostInUsd before all rows were rendered.',
  },
  BatchesStopped: { unit: 'Count', step: 'SummarizeBatch', meaning: 'A batch was stopped.' },
} as const satisfies Record<string, Omit<MetricDefinition, 'step'> & { readonly step: string }>;

export type MetricName = keyof typeof METRICS;

export type BatchMetricName = keyof typeof BATCH_METRICS;

/** Of an execution that outlived its time. */
export const EXECUTION_TIMED_OUT = 'ExecutionTimedOut';

/** Of an execution that ended in a name that is not the workflow's, such as one of AWS's. */
export const OTHER_ERROR = 'Other';

/** The values that the dimension `error` can have. */
export const FAILURE_NAMES: readonly string[] = [
  ...Object.keys(WORKFLOW_ERRORS),
  EXECUTION_TIMED_OUT,
  OTHER_ERROR,
];
