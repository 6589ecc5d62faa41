import type { ConnectOptions } from './connect.ts';
import type { Display } from './display.ts';
import type { CheckResult } from './doctor/check.ts';
import { readJsonFile } from './read-json-file.ts';
import { UsageError } from './usage-error.ts';

export interface DoctorCommandOptions extends ConnectOptions {
  readonly composition?: string;
  /** File with the props. */
  readonly props?: string;
  readonly render?: boolean;
  readonly json?: boolean;
}

/** Looks whether renders can work, and says what to do where not. Returns the exit status. */
export async function doctorCommand(options: DoctorCommandOptions, display: Display): Promise<number> {
  const inputProps = options.props === undefined ? undefined : readProps(options.props);
  // Its clients are of no use to the other commands.
  const [{ diagnose }, { printResult, summarize }] = await Promise.all([
    import('./doctor/diagnose.ts'),
    import('./doctor/print-result.ts'),
  ]);
  const { isTTY = false, columns = 80 } = process.stdout;
  const print = (result: CheckResult) => {
    // The summary counts them, and one reason for thirty lines is enough.
    if ('because' in result) return;
    console.log(printResult(result, isTTY ? columns : 80, isTTY && !process.env.NO_COLOR));
  };
  const results = await diagnose(
    { ...options, ...(inputProps && { inputProps }) },
    options.json ? undefined : print,
  );
  if (options.json) console.log(JSON.stringify({ checks: results }));
  const fails = results.some(({ status }) => status === 'fail');
  (fails ? display.failed : display.done)(summarize(results));
  return fails ? 1 : 0;
}

function readProps(file: string): Record<string, unknown> {
  const props = readJsonFile('--props', file);
  if (typeof props === 'object' && props !== null && !Array.isArray(props)) return { ...props };
  throw new UsageError(`--props: ${file} holds no JSON object.`);
}
