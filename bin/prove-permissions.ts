import { parseArgs } from 'node:util';
import { UsageError } from '../cli/usage-error.ts';
import { writeExercisedBy } from '../permissions/exercised-by.ts';
import { ProofReport } from '../proof/permissions/proof-report.ts';
import { prove } from '../proof/permissions/prove.ts';

const USAGE = `Shows on this machine that every grant is needed, that they suffice, and that all else is refused.

  npm run prove:permissions              all of it, with real renders
  npm run prove:permissions -- --fast    without real renders and without taking grants away
  npm run prove:permissions -- --only TEXT  only scenarios and grants with the text in their names, and what is refused
  npm run prove:permissions -- --write   and keeps for "npm run permissions" which scenario shows each grant

Exit status: 0 proved; 1 not; 2 the command cannot be used.`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(isUsage ? `${error.message}\n\n${USAGE}\n` : `${(error as Error).stack}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  const { help, fast, only, write } = parse(argv);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  if (write && (fast || only !== undefined))
    throw new UsageError('--write keeps what the whole proof shows: not with --fast or --only.');
  const report = new ProofReport((text) => console.log(text));
  const exercisedBy = await prove(report, { fast, only, write });
  if (write) writeExercisedBy(exercisedBy);
  report.end();
  return report.problems.length === 0 ? 0 : 1;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        fast: { type: 'boolean', default: false },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
