import type { ServerResponse } from 'node:http';
import type { ExecutionFeed } from './execution-feed.ts';
import type { ExecutionsList } from './executions-list.ts';
import type { OneMachineView } from './one-machine-view.ts';

/** Shorter than what proxies and browsers take for a dead connection. */
const BEAT_IN_MS = 15_000;
/** How much later than it happened a change may be told, so that many are told at once. */
const GATHER_IN_MS = 80;
const CALLS_INTERVAL_IN_MS = 500;

/** An execution that a page looks at. */
export interface Watched {
  /** Name of the event that tells of it. */
  readonly event: 'render' | 'batch';
  readonly feed: ExecutionFeed;
  /** Calls the listener with every change; the answer takes it off again. */
  listen(listener: () => void): () => void;
  /** @param told How many visits the page knows already as they are. */
  message(told: number): object;
}

/** What a page wants to be told of. */
export interface LiveOptions {
  readonly renders?: ExecutionsList;
  readonly batches?: ExecutionsList;
  readonly watched?: Watched;
  readonly machine?: OneMachineView;
  /** Of this run of the server: what was told by another is told anew. */
  readonly epoch: string;
  /** What the page has seen, as `Last-Event-ID` says it when its browser returns. */
  readonly lastEventId: string;
}

/** Tells a page of changes by server-sent events, until it goes. */
export function liveStream(response: ServerResponse, options: LiveOptions): void {
  const { renders, batches, watched, machine, epoch } = options;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 1000\n\n');
  const saw = seen(options);
  let visitsTold = 0;
  let lastFault = '';
  // Few statements allow all calls: each is told once, and by its number from then on.
  const grants = new Map<string, number>();
  const send = (event: string, data: unknown) => {
    const id = [epoch, saw.renders, saw.batches, saw.calls].join('.');
    response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const tellList = (of: 'renders' | 'batches', list: ExecutionsList | undefined) => () => {
    if (!list?.isLoaded) return;
    const isWhole = saw[of] === 0;
    const items = list.changesSince(saw[of]);
    saw[of] = list.version;
    send(of, { isWhole, items, ...(list.trouble && { trouble: list.trouble }) });
  };
  const tellWatched = () => {
    if (!watched) return;
    const { visits } = watched.feed.story;
    send(watched.event, watched.message(visitsTold));
    const open = visits.findIndex(({ status, leftAt }) => status === 'running' || leftAt === undefined);
    visitsTold = open === -1 ? Math.max(0, visits.length - 1) : open;
  };
  const tellCalls = () => {
    if (!machine) return;
    const calls = machine.callsAfter(saw.calls);
    const fault = machine.fault() ?? null;
    if (calls.length === 0 && JSON.stringify(fault) === lastFault) return;
    lastFault = JSON.stringify(fault);
    saw.calls = calls.at(-1)?.number ?? saw.calls;
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

  const [tellRenders, tellBatches] = [tellList('renders', renders), tellList('batches', batches)];
  const stops = [
    renders?.listen(gathered(tellRenders)),
    batches?.listen(gathered(tellBatches)),
    watched?.listen(gathered(tellWatched)),
    every(CALLS_INTERVAL_IN_MS, tellCalls),
    every(BEAT_IN_MS, () => response.write(': still here\n\n')),
  ];
  tellRenders();
  tellBatches();
  if (watched?.feed.execution) tellWatched();
  // They are many, and nobody waits for them first.
  gathered(tellCalls)();
  response.on('close', () => {
    for (const stop of stops) stop?.();
  });
}

function seen({ epoch, lastEventId }: LiveOptions): Record<'renders' | 'batches' | 'calls', number> {
  const [ofEpoch, ...counts] = lastEventId.split('.');
  const [renders = 0, batches = 0, calls = 0] = ofEpoch === epoch ? counts.map(Number) : [];
  return { renders, batches, calls };
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
