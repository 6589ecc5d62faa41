import type { OneMachine } from '../../local/one-machine.ts';
import type { ExplainedPolicies } from '../../permissions/explained-statement.ts';

/** A machine whose policies are proved. */
export interface ProvableMachine extends Pick<OneMachine, 'access' | 'calls' | 'stop'> {
  readonly policies: ExplainedPolicies;
  /** Ends what earlier scenarios have left, and waits until nothing of it is under way. */
  settle?(): Promise<void>;
}
