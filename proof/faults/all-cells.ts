import type { Cell, CellFault, Nth } from './cell.ts';
import { type FaultKind, faultsOf, type ObservedCall } from './fault-kind.ts';
import type { FaultMachine } from './fault-machine.ts';
import type { FaultMachines } from './fault-machines.ts';
import { faultsByRule } from './fault-rule.ts';
import { REMOTION } from './function-names.ts';
import { newRun } from './new-run.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';
import { seededRandom, seedOf } from './seeded-random.ts';
import { replaceRandom } from './virtual-time.ts';

/** Kinds that do not happen at every call: S3 answers the last two only where another was faster. */
const NOT_ALWAYS: readonly FaultKind[] = [
  'stopped',
  'stopped-after',
  'repeated',
  'late-effect',
  'precondition-failed',
  'conflict',
];

/** What is tried where several executions have to do with each other; the random schedules try all of it. */
const AMONG_OTHERS: readonly FaultKind[] = [
  'access-denied',
  'reset-after',
  'error-after',
  'killed-before',
  'killed-after',
  'timed-out',
  'stopped',
  'late-effect',
  'precondition-failed',
  'conflict',
];

/** All cells: each scenario as it is, then every fault at each call that no earlier scenario has. */
export async function allCells(machines: FaultMachines): Promise<Cell[]> {
  const known = new Set<string>();
  const cells: Cell[] = [];
  for (const scenario of SCENARIOS) {
    cells.push({ scenario });
    for (const [id, { call, count }] of await callsOf(await machines.of(scenario), scenario)) {
      // After a stop the same function cancels in another way.
      const inContext =
        id.includes('CancelRender') && scenario.stopAfterSeconds !== undefined ? `${id}, stopped` : id;
      if (known.has(inContext)) continue;
      known.add(inContext);
      const faults = isAlone(scenario) ? faultsAt(call, count) : faultsAmongOthers(call);
      cells.push(...faults.map((fault) => ({ scenario, fault })));
    }
  }
  return cells;
}

/** Every call of one job that a fault can happen to. */
export async function allCalls(machines: FaultMachines): Promise<ObservedCall[]> {
  const calls = new Map<string, ObservedCall>();
  for (const scenario of SCENARIOS.filter(isAlone))
    for (const [id, { call }] of await callsOf(await machines.of(scenario), scenario)) calls.set(id, call);
  return [...calls.values()];
}

/** @param count how often the call is made when nothing goes wrong */
function faultsAt(call: ObservedCall, count: number): CellFault[] {
  const { caller, name } = call;
  return faultsOf(call).flatMap((kind) => {
    const times: Nth[] = ['first'];
    if (count > 1) times.push('second');
    if (!NOT_ALWAYS.includes(kind)) times.push('every');
    return times.map((nth) => ({ caller, name, kind, nth }));
  });
}

function isAlone({ limit, rows }: Scenario): boolean {
  return limit === undefined && rows === undefined;
}

function faultsAmongOthers(call: ObservedCall): CellFault[] {
  return faultsAt(call, 1).filter(
    ({ caller, kind, nth }) =>
      AMONG_OTHERS.includes(kind) &&
      (nth === 'first' || kind === 'access-denied') &&
      // A sweep is of no execution that could be stopped.
      !(caller === 'SweepRenders' && kind === 'stopped'),
  );
}

/** The calls that a scenario makes, as they really happen. Remotion's own are left out: they are not ours. */
async function callsOf(
  machine: FaultMachine,
  scenario: Scenario,
): Promise<Map<string, { call: ObservedCall; count: number }>> {
  const calls = new Map<string, { call: ObservedCall; count: number }>();
  replaceRandom(seededRandom(seedOf(scenario.name)));
  const own = faultsByRule(scenario.faults ?? []);
  const run = newRun(machine, `calls-of-${SCENARIOS.indexOf(scenario)}`, scenario);
  await run.run((call) => {
    if (call.caller !== REMOTION) {
      const id = `${call.caller} ${call.name}`;
      calls.set(id, { call, count: (calls.get(id)?.count ?? 0) + 1 });
    }
    return own(call);
  });
  await machine.time.clock.sleep(60_000);
  run.calm();
  await run.cleanUp();
  return calls;
}
