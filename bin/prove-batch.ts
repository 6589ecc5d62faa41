import { parseArgs } from 'node:util';
import { proveBatch } from '../proof/batch/batch-proof.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000' },
    faults: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
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
