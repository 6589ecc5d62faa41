import type { ServerResponse } from 'node:http';
import type { OneMachineView } from './one-machine-view.ts';
import type { RenderFeed } from './render-feed.ts';
import { renderMessage } from './render-message.ts';
import type { RendersList } from './renders-list.ts';

/** Shorter than what proxies and browsers take for a dead connection. */
const BEAT_IN_MS = 15_000;
/** How much later than it happened a change may be told, so that many are told at once. */
const GATHER_IN_MS = 80;
const CALLS_INTERVAL_IN_MS = 500;

/** What a page wants to be told of. */
export interface LiveOptions {
  readonly list?: RendersList;
  readonly feed?: RenderFeed;
  readonly machine?: OneMachineView;
  /** Of this run of the server: what was told by another is told anew. */
  readonly epoch: string;
  /** What the page has seen, as `Last-Event-ID` says it when its browser returns. */
  readonly lastEventId: string;
}

/** Tells a page of changes by server-sent events, until it goes. */
export function liveStream(response: ServerResponse, options: LiveOptions): void {
  const { list, feed, machine, epoch } = options;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 1000\n\n');
  let [listSeen, callsSeen] = seen(options);
  let visitsTold = 0;
  let lastFault = '';
  // Few statements allow all calls: each is told once, and by its number from then on.
  const grants = new Map<string, number>();
  const send = (event: string, data: unknown) =>
    response.write(
      `id: ${epoch}.${listSeen}.${callsSeen}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    );

  const tellList = () => {
    if (!list?.isLoaded) return;
    const isWhole = listSeen === 0;
    const renders = list.changesSince(listSeen);
    listSeen = list.version;
    send('list', { isWhole, renders, ...(list.trouble && { trouble: list.trouble }) });
  };
  const tellRender = () => {
    if (!feed) return;
    const { visits } = feed.story;
    send('render', renderMessage(feed, visitsTold));
    const open = visits.findIndex(({ status, leftAt }) => status === 'running' || leftAt === undefined);
    visitsTold = open === -1 ? Math.max(0, visits.length - 1) : open;
  };
  const tellCalls = () => {
    if (!machine) return;
    const calls = machine.callsAfter(callsSeen);
    const fault = machine.fault() ?? null;
    if (calls.length === 0 && JSON.stringify(fault) === lastFault) return;
    lastFault = JSON.stringify(fault);
    callsSeen = calls.at(-1)?.number ?? callsSeen;
    const newGrants: unknown[] = [];
    const told = calls.map(({ grant, ...call }) => {
      if (!grant) return call;
      const text = JSON.stringify(grant);
      const known = grants.get(text);
      if (known === undefined) {
        newGrants.push(grant);
        grants.set(text, grants.size);
      }
      return { ...call, grant: known ?? grants.size - 1 };
    });
    send('calls', { calls: told, firstGrant: grants.size - newGrants.length, grants: newGrants, fault });
  };

  const stops = [
    list?.listen(gathered(tellList)),
    feed?.listen(gathered(tellRender)),
    every(CALLS_INTERVAL_IN_MS, tellCalls),
    every(BEAT_IN_MS, () => response.write(': still here\n\n')),
  ];
  tellList();
  if (feed?.execution) tellRender();
  tellCalls();
  response.on('close', () => {
    for (const stop of stops) stop?.();
  });
}

function seen({ epoch, lastEventId }: LiveOptions): [list: number, calls: number] {
  const [ofEpoch, list = '0', calls = '0'] = lastEventId.split('.');
  return ofEpoch === epoch ? [Number(list), Number(calls)] : [0, 0];
}

/** Calls once for all calls within a moment. */
function gathered(tell: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      tell();
    }, GATHER_IN_MS);
  };
}

function every(milliseconds: number, work: () => void): () => void {
  const timer = setInterval(work, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
