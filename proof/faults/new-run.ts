import { BatchRun } from './batch-run.ts';
import type { FaultMachine } from './fault-machine.ts';
import { JobRun } from './job-run.ts';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { WaitingRun } from './waiting-run.ts';

/** A run of a scenario for a job, or a batch, of that name. */
export function newRun(machine: FaultMachine, name: string, scenario: Scenario): Run {
  if (scenario.rows !== undefined) return new BatchRun(machine, name, scenario);
  if (scenario.limit !== undefined) return new WaitingRun(machine, name, scenario);
  return new JobRun(machine, name, scenario);
}
