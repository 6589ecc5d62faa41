import type { CancelOutcome } from '../../statemachine/contract.ts';
import { measure } from '../runtime/measure.ts';
import {
  ERROR_DIMENSION,
  EXECUTION_TIMED_OUT,
  FAILURE_NAMES,
  OTHER_ERROR,
} from '../runtime/metric-definitions.ts';

/** Of an execution that has not succeeded. */
export interface ExecutionEnd {
  readonly status: 'ABORTED' | 'TIMED_OUT' | 'FAILED';
  readonly error?: string | null;
  readonly redriveCount?: number;
}

/**
 * Counts how an execution has ended, when EventBridge tells of it: each end once, and also those that never come
 * to the failure path. The end of a redrive is not counted beside the first.
 */
export function measureEnd({ status, error, redriveCount = 0 }: ExecutionEnd, outcome: CancelOutcome): void {
  if (redriveCount > 0) return;
  if (status === 'ABORTED') {
    if (outcome === 'Cancelled') measure({ RendersCancelled: 1 });
    return;
  }
  const name = status === 'TIMED_OUT' ? EXECUTION_TIMED_OUT : (error ?? OTHER_ERROR);
  measure({ RendersFailed: 1 }, { [ERROR_DIMENSION]: FAILURE_NAMES.includes(name) ? name : OTHER_ERROR });
}
