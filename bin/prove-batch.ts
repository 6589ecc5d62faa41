import { parseArgs } from 'node:util';
import { proveBatch } from '../proof/batch/batch-proof.ts';

const USAGE = `Renders a table on virtual time with a scripted Remotion: calls go wrong, connections break, functions are killed,
one row in fifty fails at first, the batch is stopped in the middle and redriven. Exits with 1 if a row is lost or
rendered twice.

  npm run prove:batch                       10,000 rows, a fault at 2 % of all calls
  npm run prove:batch -- --rows N           so many rows
  npm run prove:batch -- --faults SHARE     a fault at another share of the calls, from 0 to 1
  npm run prove:batch -- --seed S           other faults`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    faults: { type: 'string', default: '0.02' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
if (values.help) {
  print(USAGE);
  process.exit();
}
// The functions run in this process, and Remotion's client prints what goes wrong.
Object.assign(console, { log() {}, info() {}, debug() {}, warn() {}, error() {} });
const problems = await proveBatch({
  rows: Number(values.rows),
  shareOfFaults: Number(values.faults),
  seed: Number(values.seed),
  print,
});
for (const problem of problems) print(`✖ ${problem}`);
print(problems.length === 0 ? '✔ Every row has its video, and none was rendered twice' : '✖ Not proved');
process.exit(problems.length === 0 ? 0 : 1);
