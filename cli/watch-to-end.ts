import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Display } from './display.ts';
import { nameOf } from './find-state-machine.ts';
import { ask, type Interruption, isInteractive, listenForInterruption } from './interruption.ts';
import type { RenderClients } from './render-clients.ts';

/** What is watched, and what is said of it. */
export interface Watched<End extends { readonly status?: string | undefined }> {
  /**
   * Starts it, or finds it; gives the ARN of its execution. Waited for also when Ctrl-C comes first: what has been
   * started must be named.
   */
  begin(): Promise<string>;
  follow(executionArn: string, signal: AbortSignal): Promise<End>;
  /** Shows how it has ended, and fetches what is wanted. Gives the document of `--json`. */
  showEnd(end: End, signal: AbortSignal): Promise<object>;
  /** The document of `--json` when that was not possible. */
  endDocument(end: End): object;
  /** As the question has it whether to stop it as well. */
  describe(executionArn: string): string;
  /** What becomes of it when it is stopped. */
  readonly cancelled: string;
  /** What a person who watches no longer can do. */
  howToGoOn(executionArn: string): string;
  /** What a person can do to whom the end could not be shown. */
  howToFetch(executionArn: string): string;
}

export interface WatchToEndOptions {
  readonly display: Display;
  readonly json?: boolean | undefined;
}

/**
 * Watches something to its end or to Ctrl-C, which asks in a terminal whether to stop it as well and leaves it alone
 * elsewhere. Returns the exit status.
 */
export async function watchToEnd<End extends { readonly status?: string | undefined }>(
  clients: RenderClients,
  watched: Watched<End>,
  { display, json }: WatchToEndOptions,
): Promise<number> {
  const interruption = listenForInterruption();
  const { signal } = interruption;
  try {
    const executionArn = await watched.begin();
    let end: End | undefined;
    try {
      end = await watched.follow(executionArn, signal);
      const document = await watched.showEnd(end, signal);
      if (json) console.log(JSON.stringify(document));
      return end.status === 'SUCCEEDED' ? 0 : 1;
    } catch (error) {
      display.pause();
      if (signal.aborted && !end)
        return await leave(clients, executionArn, watched, interruption, { display, json });
      display.note(end ? watched.howToFetch(executionArn) : watched.howToGoOn(executionArn));
      if (json && end) console.log(JSON.stringify(watched.endDocument(end)));
      if (signal.aborted) return interruption.exitStatus;
      throw error;
    }
  } finally {
    interruption.stopListening();
  }
}

async function leave(
  clients: RenderClients,
  executionArn: string,
  { describe, cancelled, howToGoOn }: Pick<Watched<never>, 'describe' | 'cancelled' | 'howToGoOn'>,
  { exitStatus }: Interruption,
  { display, json }: WatchToEndOptions,
): Promise<number> {
  const stop = isInteractive() && (await ask(`Stop ${describe(executionArn)} as well?`));
  if (stop) {
    await stopExecution(clients, executionArn);
    display.failed(`Stopped ${nameOf(executionArn)}; ${cancelled}.`);
  } else {
    display.note(`Not watching any more. ${howToGoOn(executionArn)}`);
  }
  if (json) console.log(JSON.stringify({ executionArn, status: stop ? 'ABORTED' : 'RUNNING' }));
  return exitStatus;
}

/** Stops an execution, by which what it has started is cancelled. */
export async function stopExecution(
  { sfn }: Pick<RenderClients, 'sfn'>,
  executionArn: string,
  cause = 'Stopped with the command remotion-step-functions.',
): Promise<void> {
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause }));
}
