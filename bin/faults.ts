import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprintOf } from '../proof/faults/course.ts';
import { synthesizeStacks } from '../proof/faults/fault-machines.ts';
import { inShards } from '../proof/faults/in-shards.ts';
import { INVARIANT_COUNT } from '../proof/faults/invariants.ts';
import type { CellResult } from '../proof/faults/run-cell.ts';
import { faultTable, outcome } from '../proof/faults/table.ts';
import type { WorkerMessage } from '../proof/faults/worker.ts';

const USAGE = `Runs the workflow against faults at every one of its calls, and checks what becomes of it.

  npm run faults                            every cell of docs/faults.md; exits with 1 if one is broken
  npm run faults -- --only TEXT             the cells whose name has the text in it
  npm run faults -- --write                 every cell, then writes docs/faults.md
  npm run faults -- --random N [--seed S]   N random schedules of faults, duplicates, stops and redrives, a third of renders that wait
  npm run faults -- --replay S/PLACE        one of those again, with all its calls
  npm run faults -- --replay S/PLACE --smaller  looks for a smaller one that breaks in the same way
  npm run faults -- --soak [--seed S]       200 executions at once, with throttling and 2 % random faults`;

const WORKER = join(import.meta.dirname, '..', 'proof', 'faults', 'worker.ts');
const CELL_SHARDS = 4;
const SCHEDULES_PER_PROCESS = 125;
const DOCUMENT = join(import.meta.dirname, '..', 'docs', 'faults.md');

async function runCells(only: string | undefined, write: boolean): Promise<boolean> {
  const results: { order: number; result: CellResult }[] = [];
  await inShards<WorkerMessage>(
    WORKER,
    only ? ['--only', only] : [],
    (message) => {
      if (message.type !== 'cell') return;
      results.push(message);
      const { cell, problems } = message.result;
      console.log(`${problems.length === 0 ? 'ok    ' : 'BROKEN'} ${cell} | ${outcome(message.result)}`);
    },
    CELL_SHARDS,
  );
  const inOrder = results.toSorted((a, b) => a.order - b.order).map(({ result }) => result);
  if (new Set(inOrder.map(({ cell }) => cell)).size < inOrder.length)
    throw new Error('The processes of the fault run do not agree on the cells.');
  const broken = inOrder.filter(({ problems }) => problems.length > 0);
  console.log(`\n${inOrder.length} cells, ${broken.length} broken`);
  for (const { cell, problems } of broken) console.log(`  ${cell}: ${problems.join('; ')}`);
  if (write) writeFileSync(DOCUMENT, faultTable(inOrder));
  return inOrder.length > 0 && broken.length === 0;
}

async function runSchedules(numRuns: string, seed: string): Promise<boolean> {
  const courses: (readonly string[])[] = [];
  let broken = 0;
  await inShards<WorkerMessage>(
    WORKER,
    ['--random', numRuns, '--seed', seed],
    (message) => {
      if (message.type !== 'schedule') return;
      const { index, schedule, problems, course } = message;
      courses[index] = course;
      const done = Object.keys(courses).length;
      if (done % 50 === 0) console.log(`${done} schedules`);
      if (problems.length === 0) return;
      broken += 1;
      console.log(`BROKEN ${problems.join('; ')}\n${JSON.stringify(schedule)}`);
      console.log(`Again: npm run faults -- --replay ${seed}/${index}`);
    },
    Math.ceil(Number(numRuns) / SCHEDULES_PER_PROCESS),
  );
  console.log(`${courses.length - broken} schedules as they should be, ${broken} broken`);
  console.log(`Fingerprint of their courses: ${fingerprintOf(courses)}`);
  return courses.length === Number(numRuns) && broken === 0;
}

async function replay(which: string, smaller: boolean): Promise<boolean> {
  const [, seed = '', place = ''] = /^(\d+)\/(\d+)$/.exec(which) ?? [];
  if (place === '') throw new Error(`--replay takes SEED/PLACE, not "${which}".`);
  let good = false;
  await inShards<WorkerMessage>(
    WORKER,
    [
      ...['--random', String(Number(place) + 1), '--seed', seed, '--at', place],
      ...(smaller ? ['--smaller'] : []),
    ],
    (message) => {
      if (message.type !== 'schedule' && message.type !== 'smaller schedule') return;
      const { schedule, problems } = message;
      console.log(JSON.stringify(schedule, null, 2));
      if (message.type === 'schedule') for (const line of message.course) console.log(line);
      for (const problem of problems) console.log(`BROKEN ${problem}`);
      good = problems.length === 0;
    },
    1,
  );
  return good;
}

async function runSoak(seed: string): Promise<boolean> {
  let good = false;
  const options = ['--soak', '--seed', seed];
  await inShards<WorkerMessage>(
    WORKER,
    options,
    (message) => {
      if (message.type !== 'soak') return;
      const { outcomes, repeats, faults, calls, seconds, problems } = message.result;
      for (const [name, times] of Object.entries(outcomes)) console.log(`${times} ${name}`);
      const executions = Object.values(outcomes).reduce((sum, times) => sum + times, 0);
      console.log(
        `${executions} executions at once and ${repeats} repeats, each held against ${INVARIANT_COUNT} invariants; ${faults} faults at ${calls} calls`,
      );
      console.log(
        `${seconds} s of the workflow's time in ${Math.round(performance.now() / 1000)} s, ${problems.length} problems`,
      );
      for (const problem of problems) console.log(`BROKEN ${problem}`);
      good = problems.length === 0;
    },
    1,
  );
  return good;
}

function run(): Promise<boolean> {
  if (values.soak) return runSoak(values.seed);
  if (values.replay !== undefined) return replay(values.replay, values.smaller);
  if (values.random !== undefined) return runSchedules(values.random, values.seed);
  return runCells(values.only, values.write);
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    random: { type: 'string' },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
    smaller: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
} else {
  await synthesizeStacks();
  process.exitCode = (await run()) ? 0 : 1;
}
