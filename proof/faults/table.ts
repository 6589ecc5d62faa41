import { parseCell } from './cell.ts';
import type { CellResult } from './run-cell.ts';

const INTRODUCTION = `# Faults

What becomes of an execution when something goes wrong at one of its calls. Every row has been run: the synthesized state machine and the bundled functions as they are deployed, on this machine, with a scripted render in Remotion's place and a clock on which an hour passes at once. \`npm run faults\` runs all of it again, and \`npm run faults -- --write\` writes this file.

In every one of these runs: no two renders of a job at the same time and none after a finished one; the destination has the whole video or nothing; no multipart upload is left open, but for one that its function could not end because it was killed, was not told of it or was refused, which the lifecycle rule of the bucket ends; what was stopped or has failed renders no longer; and the same request, sent again, delivers the video without rendering it twice, or ends in \`StartOutcomeUnknown\` where nobody can know whether a render is running.

Some sections are of a stack that lets two renders run at once, with others ahead, and with the sweep that it makes every minute: there, beside that, no more than two render at any time, whoever waits gets its turn or ends in an error that says why, and no place and no ticket is left. The last sections are of batches, whose rows render one after the other: once its rows are known every row is in the results, in order, with its video or without, and only rows without a video are rendered when the batch is sent again or redriven.

*first*, *second*, *every*: the fault happens to the first such call, to the second, or to each of them. Where others are ahead, theirs count too, from the request on. An outcome is \`SUCCEEDED\`, \`ABORTED\` (stopped), or the name of an [error](errors.md).
`;

/** The fault table as Markdown. Depends on nothing but the results. */
export function faultTable(results: readonly CellResult[]): string {
  const sections = Map.groupBy(results, ({ cell }) => parseCell(cell).scenario.name);
  return [INTRODUCTION, ...[...sections].map(([name, each]) => section(name, each))].join('\n');
}

function section(name: string, results: readonly CellResult[]): string {
  const itself = results.find(({ cell }) => cell === name);
  const rows = Map.groupBy(
    results.filter((result) => result !== itself),
    ({ cell }) => cell.split(' | ').slice(1, 3).join(' | '),
  );
  const lines = [`## ${capitalized(name)}`, '', `Without a further fault: ${outcome(itself)}.`, ''];
  if (rows.size === 0) return lines.join('\n');
  lines.push('| call | fault | first | second | every |', '| --- | --- | --- | --- | --- |');
  for (const [call, cells] of rows) {
    const at = (nth: string) => outcome(cells.find(({ cell }) => cell.endsWith(` | ${nth}`)));
    lines.push(`| ${call} | ${at('first')} | ${at('second')} | ${at('every')} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** E.g. `StartOutcomeUnknown`, again `SUCCEEDED`. */
export function outcome(result: CellResult | undefined): string {
  if (!result) return '';
  const again = result.repeated === 'SUCCEEDED' ? '' : `, sent again \`${result.repeated}\``;
  const wrong = result.problems.length > 0 ? ` **${result.problems.join('; ')}**` : '';
  return `\`${result.outcome}\`${again}${wrong}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
