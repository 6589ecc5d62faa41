import type { BatchSummary } from '../../statemachine/batch-contract.ts';
import type { FailureCause, RenderResult } from '../../statemachine/contract.ts';
import type { Verification } from './verification.ts';

/** Of a standard workflow, in USD. Source: https://aws.amazon.com/step-functions/pricing/ */
const USD_PER_TRANSITION = 0.000025;

/** What is said before it begins, in USD: some thirty small renders, a large one, and an hour of the stack. */
export const EXPECTED_COST_IN_USD = 0.2;

/** What the executions of a verification have cost in USD: renders by Remotion's estimate, and transitions. */
export function costOf({ ends }: Pick<Verification, 'ends'>): { renders: number; transitions: number } {
  // One render can be told by two executions.
  const renders = new Map<string, number>();
  let transitions = 0;
  for (const { executionArn, output, cause, stateTransitions } of ends) {
    const told = (output ?? readCause(cause)) as Partial<RenderResult & BatchSummary & FailureCause>;
    renders.set(told.renderId ?? executionArn, told.costInUsd ?? 0);
    transitions += stateTransitions;
  }
  const sum = [...renders.values()].reduce((total, cost) => total + cost, 0);
  return { renders: sum, transitions: transitions * USD_PER_TRANSITION };
}

function readCause(cause = '{}'): object {
  try {
    return JSON.parse(cause) ?? {};
  } catch {
    return {};
  }
}
