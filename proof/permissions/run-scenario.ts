import type { LoggedCall } from '../../local/aws.ts';
import type { ProofMachine } from './proof-machine.ts';
import type { Scenario } from './scenario.ts';

/** A scenario that was run once. */
export interface ScenarioRun {
  readonly scenario: Scenario;
  /** What went wrong; undefined when it worked. */
  readonly failure: string | undefined;
  /** What was asked of IAM meanwhile. */
  readonly calls: readonly LoggedCall[];
}

let jobs = 0;

/** Runs a scenario for a job of its own. */
export async function runScenario(machine: ProofMachine, scenario: Scenario): Promise<ScenarioRun> {
  const first = machine.calls.length;
  const failure = await scenario.run(machine, `proof-${++jobs}`);
  return { scenario, failure, calls: machine.calls.slice(first) };
}
