import { type FaultKind, type FaultSource, faultsOf, type ObservedCall } from './fault-kind.ts';
import { REMOTION } from './function-names.ts';

export interface RandomFaults {
  readonly source: FaultSource;
  /** Calls that a fault could have happened to. */
  readonly calls: number;
  readonly faults: number;
}

/** Things that a person does, or that would end in a fault by itself. */
const LEFT_OUT: readonly FaultKind[] = ['stopped', 'stopped-after', 'repeated'];

/**
 * Faults at a share of all calls of the workflow. What goes wrong in Remotion, its script says.
 *
 * @param random gives from 0 up to 1
 * @param mayHappen whether a kind may happen to a call
 */
export function randomFaults(
  random: () => number,
  share: number,
  mayHappen: (kind: FaultKind, call: ObservedCall) => boolean = () => true,
): RandomFaults {
  const count = { calls: 0, faults: 0 };
  const source: FaultSource = (call) => {
    if (call.caller === REMOTION) return undefined;
    count.calls += 1;
    if (random() >= share) return undefined;
    const kinds = faultsOf(call).filter((kind) => !LEFT_OUT.includes(kind) && mayHappen(kind, call));
    if (kinds.length > 0) count.faults += 1;
    return kinds[Math.floor(random() * kinds.length)];
  };
  return Object.assign(count, { source });
}
