import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Display } from './display.ts';
import { nameOf } from './find-state-machine.ts';
import type { ExecutionEnd } from './follow-execution.ts';
import { ask, type Interruption, isInteractive, listenForInterruption } from './interruption.ts';
import type { RenderClients } from './render-clients.ts';
import { endDocument, showEnd, watchExecution } from './watch-execution.ts';

/** Between two looks: Step Functions lets an account look some 20 times a second. */
const INTERVAL_IN_MS = 1_000;

export interface WatchCommandOptions {
  readonly display: Display;
  readonly download?: string;
  readonly json?: boolean;
}

/**
 * Watches the execution that `begin` gives, to its end or to Ctrl-C, which asks in a terminal whether to stop the
 * render and leaves it alone elsewhere. Returns the exit status.
 *
 * @param begin Waited for also when Ctrl-C comes first: what has been started must be named.
 */
export async function watchCommand(
  clients: RenderClients,
  begin: () => Promise<string>,
  { display, download, json = false }: WatchCommandOptions,
): Promise<number> {
  const interruption = listenForInterruption();
  const { signal } = interruption;
  try {
    const executionArn = await begin();
    let end: ExecutionEnd | undefined;
    try {
      end = await watchExecution(clients, executionArn, { display, intervalInMs: INTERVAL_IN_MS, signal });
      const shown = await showEnd(clients, end, { display, signal, ...(download && { target: download }) });
      if (json) console.log(JSON.stringify(endDocument(shown)));
      return end.status === 'SUCCEEDED' ? 0 : 1;
    } catch (error) {
      display.pause();
      if (signal.aborted && !end) return await leave(clients, executionArn, interruption, { display, json });
      display.note(end ? howToFetch(executionArn, download) : howToGoOn(executionArn));
      if (json && end) console.log(JSON.stringify(endDocument({ end })));
      if (signal.aborted) return interruption.exitStatus;
      throw error;
    }
  } finally {
    interruption.stopListening();
  }
}

async function leave(
  { sfn }: RenderClients,
  executionArn: string,
  { exitStatus }: Interruption,
  { display, json }: { readonly display: Display; readonly json: boolean },
): Promise<number> {
  const stop = isInteractive() && (await ask(`Stop the render ${nameOf(executionArn)} as well?`));
  if (stop) {
    await stopExecution({ sfn }, executionArn);
    display.failed(`Stopped ${nameOf(executionArn)}; its render is being cancelled.`);
  } else {
    display.note(`Not watching any more. ${howToGoOn(executionArn)}`);
  }
  if (json) console.log(JSON.stringify({ executionArn, status: stop ? 'ABORTED' : 'RUNNING' }));
  return exitStatus;
}

/** Stops an execution, by which its render is cancelled. */
export async function stopExecution(
  { sfn }: Pick<RenderClients, 'sfn'>,
  executionArn: string,
  cause = 'Stopped with the command remotion-step-functions.',
): Promise<void> {
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause }));
}

function howToFetch(executionArn: string, target = '.'): string {
  return `Fetch the video: npx remotion-step-functions status ${executionArn} --download ${target}`;
}

/** What a person who watches no longer can do. */
export function howToGoOn(executionArn: string): string {
  return [
    'The render goes on by itself.',
    `Watch it: npx remotion-step-functions status --watch ${executionArn}`,
    `Stop it:  npx remotion-step-functions stop ${executionArn}`,
  ].join('\n  ');
}
