import type { Display } from './display.ts';
import { nameOf } from './find-state-machine.ts';
import type { RenderClients } from './render-clients.ts';
import { endDocument, showEnd, watchExecution } from './watch-execution.ts';
import { watchToEnd } from './watch-to-end.ts';

/** Between two looks: Step Functions lets an account look some 20 times a second. */
const INTERVAL_IN_MS = 1_000;

export interface WatchCommandOptions {
  readonly display: Display;
  readonly download?: string;
  readonly json?: boolean;
}

/** Watches the execution of a render that `begin` gives, as `watchToEnd` does. Returns the exit status. */
export function watchCommand(
  clients: RenderClients,
  begin: () => Promise<string>,
  { display, download, json }: WatchCommandOptions,
): Promise<number> {
  return watchToEnd(
    clients,
    {
      begin,
      follow: (executionArn, signal) =>
        watchExecution(clients, executionArn, { display, intervalInMs: INTERVAL_IN_MS, signal }),
      showEnd: async (end, signal) =>
        endDocument(await showEnd(clients, end, { display, signal, ...(download && { target: download }) })),
      endDocument: (end) => endDocument({ end }),
      describe: (executionArn) => `the render ${nameOf(executionArn)}`,
      cancelled: 'its render is being cancelled',
      howToGoOn,
      howToFetch: (executionArn) => howToFetch(executionArn, download),
    },
    { display, json },
  );
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
