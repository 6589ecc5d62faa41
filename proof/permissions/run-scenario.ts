import type { LoggedCall } from '../../local/aws.ts';
import type { OneMachine } from '../../local/one-machine.ts';
import type { ProofMachine } from './proof-machine.ts';
import type { Scenario } from './scenario.ts';

/** A scenario that was run once. */
export interface ScenarioRun<Machine = ProofMachine> {
  readonly scenario: Scenario<Machine>;
  /** What went wrong; undefined when it worked. */
  readonly failure: string | undefined;
  /** What was asked of IAM meanwhile. */
  readonly calls: readonly LoggedCall[];
}

let jobs = 0;

/** Runs a scenario for a job of its own. */
export async function runScenario<Machine extends Pick<OneMachine, 'calls'>>(
  machine: Machine,
  scenario: Scenario<Machine>,
): Promise<ScenarioRun<Machine>> {
  const first = machine.calls.length;
  const failure = await scenario.run(machine, `proof-${++jobs}`);
  return { scenario, failure, calls: machine.calls.slice(first) };
}
