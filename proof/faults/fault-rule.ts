import type { FaultKind, FaultSource } from './fault-kind.ts';

/** What happens to some of the calls. */
export interface FaultRule {
  readonly caller: string;
  readonly name: string;
  readonly kind: FaultKind;
  /** The n-th such call, from 1, or every one. */
  readonly nth: number | 'every';
}

/** Counts calls for rules. The first rule that fits a call decides. */
export function faultsByRule(rules: readonly FaultRule[]): FaultSource {
  const counts = new Map<string, number>();
  return ({ caller, name }) => {
    const call = `${caller} ${name}`;
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    return rules.find(
      (rule) => rule.caller === caller && rule.name === name && (rule.nth === 'every' || rule.nth === count),
    )?.kind;
  };
}
