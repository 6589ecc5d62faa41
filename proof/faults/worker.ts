/** The main module of a process on virtual time. Sends what comes out to its parent, as a `WorkerMessage`. */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { allCalls, allCells } from './all-cells.ts';
import { nameOfCell, parseCell } from './cell.ts';
import { FaultMachines, LIMIT } from './fault-machines.ts';
import { parseShard } from './in-shards.ts';
import { runSchedule, type Schedule, type ScheduleResult, schedules } from './random-schedule.ts';
import { type CellResult, isLasting, runCell } from './run-cell.ts';
import { type SoakResult, soak } from './soak.ts';
import { runTurnSchedule, type TurnSchedule, turnSchedules } from './turn-schedule.ts';

export type WorkerMessage =
  | { readonly type: 'cell'; readonly order: number; readonly result: CellResult }
  | ({
      readonly type: 'schedule';
      /** Its place among those of the seed. */
      readonly index: number;
      readonly schedule: Schedule | TurnSchedule;
    } & ScheduleResult)
  | {
      readonly type: 'smaller schedule';
      readonly schedule: Schedule | TurnSchedule;
      readonly problems: readonly string[];
    }
  | { readonly type: 'soak'; readonly result: SoakResult };

/** Executions at once in the soak, and how many of each function run at once. */
const SOAK = { executions: 200, concurrencyLimit: 10 };

const { values } = parseArgs({
  options: {
    shard: { type: 'string', default: '0/1' },
    /** Part of a cell's name. */
    only: { type: 'string', default: '' },
    /** Whole names; then the cells are not looked for. */
    cell: { type: 'string', multiple: true },
    /** How many schedules all processes together run. */
    random: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Place of the only schedule to run, among those of the seed. */
    at: { type: 'string' },
    /** Makes that schedule smaller. */
    smaller: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
  },
});
const { index, count } = parseShard(values.shard);

function send(message: WorkerMessage): void {
  process.send?.(message);
}

async function runCells(): Promise<void> {
  const cells = values.cell ? values.cell.map(parseCell) : await allCells(machines);
  const wanted = cells
    .map((cell, order) => ({ cell, order }))
    .filter(({ cell }) => nameOfCell(cell).includes(values.only));
  const own = wanted.filter((_, position) => position % count === index);
  const lastingLast = own.toSorted((a, b) => Number(isLasting(a.cell)) - Number(isLasting(b.cell)));
  for (const { cell, order } of lastingLast)
    send({ type: 'cell', order, result: await runCell(await machines.of(cell.scenario), cell) });
}

type AnySchedule = Schedule | TurnSchedule;

/** Of one job, and, a third of them, of jobs that wait for each other. */
async function anySchedule(): Promise<fc.Arbitrary<AnySchedule>> {
  return fc.oneof(
    { weight: 2, arbitrary: schedules(await allCalls(machines)) },
    { weight: 1, arbitrary: turnSchedules() },
  );
}

async function runAny(name: string, schedule: AnySchedule): Promise<ScheduleResult> {
  return 'jobs' in schedule
    ? runTurnSchedule(await machines.of({ limit: LIMIT }), name, schedule)
    : runSchedule(await machines.of(schedule), name, schedule);
}

/** Runs this process's part of the seed's schedules, which are the same however many processes share them. */
async function runSchedules(numRuns: number, seed: number): Promise<void> {
  const all = fc.sample(await anySchedule(), { seed, numRuns });
  const only = values.at === undefined ? undefined : Number(values.at);
  for (const [place, schedule] of all.entries()) {
    if (only === undefined ? place % count !== index : place !== only) continue;
    const result = await runAny(`random-${place}`, schedule);
    send({ type: 'schedule', index: place, schedule, ...result });
  }
}

/** Looks for a smaller schedule that breaks as this one does. */
async function findSmaller(place: number, seed: number): Promise<void> {
  let wanted: string | undefined;
  let smallest: AnySchedule | undefined;
  let runs = 0;
  const property = fc.asyncProperty(await anySchedule(), async (schedule) => {
    const { problems } = await runAny(`smaller-${runs++}`, schedule);
    wanted ??= problems.join();
    if (problems.length === 0 || problems.join() !== wanted) return;
    smallest = schedule;
    throw new Error(wanted);
  });
  await fc.check(property, { seed, path: String(place), numRuns: 1 });
  if (smallest) send({ type: 'smaller schedule', schedule: smallest, problems: [wanted ?? ''] });
}

// Without its parent the work is for nobody.
process.once('disconnect', () => process.exit(1));

// Remotion's client prints every call that fails.
console.log = console.warn = console.error = () => {};
const machines = new FaultMachines(values.soak ? { concurrencyLimit: SOAK.concurrencyLimit } : {});
if (values.soak) {
  const result = await soak(await machines.of({}), SOAK.executions, Number(values.seed));
  send({ type: 'soak', result });
} else if (values.smaller) await findSmaller(Number(values.at), Number(values.seed));
else if (values.random !== undefined) await runSchedules(Number(values.random), Number(values.seed));
else await runCells();
await machines.stop();
process.removeAllListeners('disconnect');
process.disconnect?.();
