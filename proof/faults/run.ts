import type { Execution } from '../../local/stepfunctions/execution.ts';
import type { ScriptedRender } from '../scripted-remotion/scripted-remotion.ts';
import type { FaultSource } from './fault-kind.ts';
import type { FaultRule } from './fault-rule.ts';

/** A job whose renders and video are looked at. */
export interface Job {
  readonly renders: readonly ScriptedRender[];
  readonly isRendering: boolean;
  readonly destinationKey: string;
  /** Those that were started for it, in the order of their start. */
  readonly executions: readonly Execution[];
}

/** How an execution ended: `SUCCEEDED`, `ABORTED`, `TIMED_OUT` or the name of its error. */
export type Outcome = string;

/** What happens around the faults of a cell: the executions of one request, and the jobs that have to do with it. */
export interface Run {
  /** The first is the request's. */
  readonly jobs: readonly Job[];
  /** Of the request, in the order of their start. */
  readonly executions: readonly Execution[];
  /** Runs the scenario, with these faults, until the executions have ended. */
  run(fault: FaultSource): Promise<Outcome>;
  /** Nothing happens from here on. */
  calm(): void;
  /** Starts one more execution of the same request. */
  startAgain(): Execution;
  /** Resolves when no execution of the request runs. */
  ended(): Promise<void>;
  /** How a job has ended when the request has so; empty where nothing is to be concluded from it. */
  outcomeOf(job: Job, outcome: Outcome): Outcome;
  /** Does what the error says of an object that is in the way, and says whether it was replaced. */
  freeDestination(): Promise<'not taken' | 'untouched' | 'replaced'>;
  /** What is wrong beside the jobs, after these faults, when nothing is under way any more. */
  problems(outcome: Outcome, faults: readonly Pick<FaultRule, 'caller' | 'name'>[]): Promise<string[]>;
  /**
   * What is wrong with how the request ended that was sent again, or whose execution was redriven.
   * @param rendersBefore how many renders each job had before
   */
  wrongAgain(
    how: 'repeated' | 'redriven',
    first: Outcome,
    rendersBefore: readonly number[],
    last: Outcome,
  ): string[];
  /** Removes what later runs would otherwise look through. */
  cleanUp(): Promise<void>;
}

export function outcomeOf(execution: Execution | undefined): Outcome {
  if (!execution) return 'not started';
  return execution.status === 'FAILED' ? (execution.error ?? 'FAILED') : execution.status;
}
