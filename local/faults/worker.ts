/** The main module of a process on virtual time. Sends what comes out to its parent, as a `WorkerMessage`. */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { allCalls, allCells } from './all-cells.ts';
import { nameOfCell, parseCell } from './cell.ts';
import { type FaultMachine, startFaultMachine } from './fault-machine.ts';
import { parseShard } from './in-shards.ts';
import { runSchedule, type Schedule, schedules } from './random-schedule.ts';
import { type CellResult, isLasting, runCell } from './run-cell.ts';
import { type SoakResult, soak } from './soak.ts';

export type WorkerMessage =
  | { readonly type: 'cell'; readonly order: number; readonly result: CellResult }
  | { readonly type: 'schedule' }
  | {
      readonly type: 'broken schedule';
      /** For `--replay`. */
      readonly replay: string;
      readonly schedule: Schedule;
      readonly problems: string;
    }
  | { readonly type: 'soak'; readonly result: SoakResult };

/** Executions at once in the soak, and how many of each function run at once. */
const SOAK = { executions: 200, concurrencyLimit: 10 };

const { values } = parseArgs({
  options: {
    assembly: { type: 'string', default: '' },
    shard: { type: 'string', default: '0/1' },
    /** Part of a cell's name. */
    only: { type: 'string', default: '' },
    /** Whole names; then the cells are not looked for. */
    cell: { type: 'string', multiple: true },
    /** How many schedules this process runs. */
    random: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Place of a schedule among those of the seed. */
    path: { type: 'string' },
    soak: { type: 'boolean', default: false },
  },
});
const { index, count } = parseShard(values.shard);

function send(message: WorkerMessage): void {
  process.send?.(message);
}

async function runCells(machine: FaultMachine): Promise<void> {
  const cells = values.cell ? values.cell.map(parseCell) : await allCells(machine);
  const wanted = cells
    .map((cell, order) => ({ cell, order }))
    .filter(({ cell }) => nameOfCell(cell).includes(values.only));
  const own = wanted.filter((_, position) => position % count === index);
  const lastingLast = own.toSorted((a, b) => Number(isLasting(a.cell)) - Number(isLasting(b.cell)));
  for (const { cell, order } of lastingLast)
    send({ type: 'cell', order, result: await runCell(machine, cell) });
}

async function runSchedules(machine: FaultMachine, numRuns: number): Promise<void> {
  const seed = Number(values.seed) * count + index;
  let runs = 0;
  const property = fc.asyncProperty(schedules(await allCalls(machine)), async (schedule) => {
    const problems = await runSchedule(machine, `random-${runs++}`, schedule);
    if (problems.length > 0) throw new Error(problems.join('; '));
    send({ type: 'schedule' });
  });
  // Where it is replayed there is time to look for a smaller schedule.
  const { path } = values;
  const details = await fc.check(property, {
    seed,
    numRuns,
    ...(path === undefined ? { endOnFailure: true } : { path }),
  });
  if (!details.failed) return;
  const { counterexample, counterexamplePath, errorInstance } = details;
  send({
    type: 'broken schedule',
    replay: `${seed}/${counterexamplePath}`,
    schedule: counterexample?.[0] as Schedule,
    problems: (errorInstance as Error | undefined)?.message ?? 'unknown',
  });
}

// Remotion's client prints every call that fails.
console.log = console.warn = console.error = () => {};
const machine = await startFaultMachine({
  assembly: values.assembly,
  ...(values.soak && { concurrencyLimit: SOAK.concurrencyLimit }),
});
if (values.soak) send({ type: 'soak', result: await soak(machine, SOAK.executions, Number(values.seed)) });
else if (values.random !== undefined) await runSchedules(machine, Number(values.random));
else await runCells(machine);
await machine.stop();
process.disconnect?.();
