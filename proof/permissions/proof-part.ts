import { type ProofMachine, startProofMachine } from './proof-machine.ts';
import type { ProvableMachine } from './provable-machine.ts';
import { proveRefused, type RefusedResult } from './refused.ts';
import { type RendererMachine, startRendererMachine } from './renderer-machine.ts';
import { proveRefusedCalls } from './renderer-refused.ts';
import { RENDERER_SCENARIOS } from './renderer-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

/** What is proved on one kind of machine. */
export interface ProofPart<Machine extends ProvableMachine> {
  readonly name: string;
  readonly scenarios: readonly Scenario<Machine>[];
  start(): Promise<Machine>;
  /** Has every role try what is not its step. */
  refused(machine: Machine): AsyncIterable<RefusedResult> | Iterable<RefusedResult>;
}

/** The roles of the workflow, with a scripted Remotion. */
export const WORKFLOW: ProofPart<ProofMachine> = {
  name: 'workflow',
  scenarios: SCENARIOS,
  start: startProofMachine,
  refused: (machine) => proveRefused(machine, machine.policies),
};

/** The roles of the renderer, with Remotion's own function. */
export const RENDERER: ProofPart<RendererMachine> = {
  name: 'renderer',
  scenarios: RENDERER_SCENARIOS,
  start: startRendererMachine,
  refused: proveRefusedCalls,
};
