import { parseArgs } from 'node:util';
import { printTable } from '../bench/print-table.ts';
import { MODEL_RUNS } from '../proof/turns/model-runs.ts';
import { searchModel } from '../proof/turns/search-model.ts';

const USAGE = `Searches the model of the turns, docs/decisions/turns.pml, through every order of steps: needs Spin and a C compiler.

  npm run prove:turns            the table of docs/decisions/turns.md: a few minutes
  npm run prove:turns -- --all   larger searches too: an hour or more, and up to 16 GB of memory`;

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}
printTable(['searched', 'found', 'states', 'seconds'], []);
for (const run of MODEL_RUNS) {
  if (run.isLarge && !values.all) continue;
  const { finds, states, seconds } = searchModel(run);
  const isExpected = finds === run.finds;
  if (!isExpected) process.exitCode = 1;
  const found = isExpected ? finds : `**${finds}**, not ${run.finds}`;
  console.log(`| ${run.what} | ${found} | ${states.toLocaleString('en')} | ${seconds.toFixed(0)} |`);
}
