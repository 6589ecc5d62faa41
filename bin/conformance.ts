import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asRecordedCase } from '../proof/conformance/recorded-case.ts';
import { type ReplayResult, replay } from '../proof/conformance/replay.ts';

const USAGE = `Usage: npm run conformance -- DIR

Replays the recorded executions in DIR (*.json) through the state-machine engine and compares status,
output, error, cause and events. Exits 1 if one differs.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--help' || args[0] === '-h')) {
    console.log(USAGE);
    return 0;
  }
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) return usageError('give one folder');
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    return usageError(`there is no folder ${folder}`);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  if (files.length === 0) return usageError(`there is no *.json in ${folder}`);

  const counts = { passed: 0, failed: 0, refused: 0 };
  for (const file of files.sort()) {
    const result = await replayFile(join(folder, file));
    counts[result.outcome] += 1;
    if (result.outcome !== 'passed') console.log(`${basename(file, '.json')}: ${describe(result)}`);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.refused} refused`);
  return counts.failed > 0 ? 1 : 0;
}

async function replayFile(path: string): Promise<ReplayResult> {
  try {
    return await replay(asRecordedCase(JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    const message = (error as Error).message;
    return { outcome: 'failed', difference: { path: 'case', expected: 'a readable case', actual: message } };
  }
}

function describe(result: Exclude<ReplayResult, { outcome: 'passed' }>): string {
  if (result.outcome === 'refused') return `refused: ${result.reason}`;
  const { path, expected, actual } = result.difference;
  return `failed at ${path}: expected ${inline(expected)}, was ${inline(actual)}`;
}

function inline(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function usageError(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`);
  return 2;
}
