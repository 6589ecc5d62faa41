import { FAULT_KINDS, type FaultKind, type ObservedCall } from './fault-kind.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';

/** One fault at one call of one scenario, or a scenario without further faults. */
export interface Cell {
  readonly scenario: Scenario;
  readonly fault?: CellFault;
}

export interface CellFault extends Pick<ObservedCall, 'caller' | 'name'> {
  readonly kind: FaultKind;
  readonly nth: Nth;
}

/** To which of the calls the fault happens. */
export type Nth = 'first' | 'second' | 'every';

/** Names a cell in one line, from which `parseCell` makes it again. */
export function nameOfCell({ scenario, fault }: Cell): string {
  if (!fault) return scenario.name;
  const { caller, name, kind, nth } = fault;
  return [scenario.name, `${caller} → ${name}`, FAULT_KINDS[kind], nth].join(' | ');
}

/** Throws Error for what is no cell's name. */
export function parseCell(text: string): Cell {
  const [scenarioName, call, fault, nth] = text.split(' | ');
  const scenario = SCENARIOS.find((each) => each.name === scenarioName);
  if (scenario && call === undefined) return { scenario };
  const [caller, name] = call?.split(' → ') ?? [];
  const kind = (Object.keys(FAULT_KINDS) as FaultKind[]).find((each) => FAULT_KINDS[each] === fault);
  if (!scenario || !caller || !name || !kind || !['first', 'second', 'every'].includes(nth ?? ''))
    throw new Error(`"${text}" is not the name of a cell.`);
  return { scenario, fault: { caller, name, kind, nth: nth as Nth } };
}
