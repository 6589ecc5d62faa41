import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelRun } from './model-runs.ts';

const MODEL = join(import.meta.dirname, '..', '..', 'docs', 'decisions', 'turns.pml');

/** Of memory that a search may take, in MB. */
const MEMORY_IN_MB = 16_000;

/** Of the memory in which a partial search keeps its states: 2^35 bits are 4 GiB. */
const PARTIAL_BITS = 35;

export interface ModelResult {
  readonly finds: ModelRun['finds'];
  readonly states: number;
  readonly seconds: number;
}

/**
 * Searches the model with Spin (Debian's package `spin`, or https://spinroot.com) and a C compiler.
 *
 * @throws Error `spin` or `cc` cannot be run, or the search has not come to its end.
 */
export function searchModel({ define, isPartial }: ModelRun): ModelResult {
  const folder = mkdtempSync(join(tmpdir(), 'turns-model-'));
  const run = (command: string, ...parameters: string[]) => {
    const { stdout, stderr, error } = spawnSync(command, parameters, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (error) throw new Error(`${command} cannot be run: ${error.message}`);
    return stdout + stderr;
  };
  try {
    cpSync(MODEL, join(folder, 'turns.pml'));
    const begun = performance.now();
    run('spin', ...define.map((definition) => `-D${definition}`), '-a', 'turns.pml');
    const storage = isPartial ? '-DBITSTATE' : '-DCOLLAPSE';
    run('cc', '-O2', '-DSAFETY', storage, `-DMEMLIM=${MEMORY_IN_MB}`, '-o', 'pan', 'pan.c');
    const output = run('./pan', '-m100000', ...(isPartial ? [`-w${PARTIAL_BITS}`] : []));
    const seconds = (performance.now() - begun) / 1000;
    const states = Number(/([\d.e+]+) states, stored/.exec(output)?.[1]);
    const errors = /errors: (\d+)/.exec(output)?.[1];
    if (errors === undefined || /reached|too small|incomplete/.test(firstLines(output)))
      throw new Error(`The search has not come to its end: ${output.slice(0, 2000)}`);
    if (errors === '0') return { finds: 'nothing', states, seconds };
    const tooMany = /assertion violated.*rendering.*<=/.test(output);
    return { finds: tooMany ? 'too many renders' : 'somebody waits for ever', states, seconds };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Above the summary, which has `reached` in it too. */
function firstLines(output: string): string {
  return output.split('(Spin Version')[0] ?? '';
}
