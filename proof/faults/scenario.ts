import { REFUSED_SITE, type RenderScript, THROTTLED_LAUNCH } from '../scripted-remotion/render-script.ts';
import { LIMIT, type StackSettings } from './fault-machines.ts';
import type { FaultRule } from './fault-rule.ts';

/** A course of things around which faults are injected. */
export interface Scenario extends StackSettings {
  readonly name: string;
  /** How the job's first, second… start goes. */
  readonly scripts: readonly RenderScript[];
  /** The request's limit. @default none */
  readonly maxCostInUsd?: number;
  /** The request's patience. @default that of a request without it */
  readonly startTimeoutInSeconds?: number;
  /** @default that of a request without it */
  readonly priority?: 'high' | 'normal' | 'low';
  /** @default by `StartExecution` */
  readonly startedByEvent?: boolean;
  /** Faults that belong to the scenario, before those that are tried. */
  readonly faults?: readonly FaultRule[];
  /** Stops the execution so many seconds after its start. */
  readonly stopAfterSeconds?: number;
  /** Seconds that the renders take that are under way when it is asked for. @default none is */
  readonly ahead?: readonly number[];
  /** Stops the execution of the first of those so many seconds after the start. */
  readonly stopsAheadAfterSeconds?: number;
  /** It is a batch of so many rows, each of which goes as the scripts say. @default a render */
  readonly rows?: number;
}

const START = { caller: 'StartRender', name: 'Invoke Remotion' } as const;
const LOST_EVENT = {
  caller: 'EventBridge',
  name: 'CancelRender',
  kind: 'access-denied',
  nth: 'every',
} as const;
const COPY_PART = { caller: 'CopyToBucket', name: 'UploadPartCopy destination (If-Source-Match)' } as const;

/** The smallest video that is copied in parts. */
export const IN_PARTS: RenderScript = { outputSizeInBytes: 64 * 1024 ** 2 + 1 };

/** In the order in which calls are attributed to them: a call is tried in the first in which it occurs. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'delivered', scripts: [{}] },
  { name: 'started by an event', scripts: [{}], startedByEvent: true },
  { name: 'the render fails at 40 %', scripts: [{ failAtPercent: 40 }, {}] },
  { name: 'stopped while it renders', scripts: [{ seconds: 60 }, {}], stopAfterSeconds: 10 },
  {
    name: "the start's answer is lost",
    scripts: [{}],
    faults: [{ ...START, kind: 'reset-after', nth: 1 }],
  },
  { name: 'the start is throttled', scripts: [{}], faults: [{ ...START, kind: 'throttled', nth: 1 }] },
  { name: 'Remotion refuses the start', scripts: [{ refusesStart: 'No.' }, {}] },
  { name: 'the render hangs before metadata', scripts: [{ hang: 'before-metadata' }, {}] },
  { name: 'the render hangs at 99 %', scripts: [{ hang: 'at-99' }, {}] },
  { name: 'the render lies about a timeout', scripts: [{ liesAboutTimeout: true }] },
  {
    name: 'the render finishes after it was cancelled',
    scripts: [{ seconds: 30, finishesAfterCancel: true }, {}],
    stopAfterSeconds: 10,
  },
  { name: 'delivered, then its files are deleted', scripts: [{}], deletesSource: true },
  { name: 'delivered in parts', scripts: [IN_PARTS] },
  {
    name: 'the copy in parts is interrupted',
    scripts: [IN_PARTS],
    faults: [{ ...COPY_PART, kind: 'killed-before', nth: 4 }],
  },
  {
    name: 'a part cannot be copied',
    scripts: [IN_PARTS],
    faults: [{ ...COPY_PART, kind: 'access-denied', nth: 4 }],
  },
  // Some 0.00003 USD a second.
  { name: 'the render passes its budget', scripts: [{ seconds: 60 }, {}], maxCostInUsd: 0.0005 },
  { name: 'a function of the render is throttled', scripts: [{ throttledAtPercent: 40 }, {}] },
  {
    name: 'a function of the render is throttled, and the request is impatient',
    scripts: [{ throttledAtPercent: 40 }, {}],
    startTimeoutInSeconds: 1,
  },
  { name: 'Remotion refuses the site', scripts: [{ refusesStart: REFUSED_SITE }, {}] },
  { name: "Remotion's launch is throttled", scripts: [{ refusesStart: THROTTLED_LAUNCH }, {}] },
  { name: "the launch waits in Lambda's queue", scripts: [{ launchDelay: 140 }] },
  { name: 'waits for its turn', scripts: [{}], limit: LIMIT, ahead: [30, 45] },
  { name: 'its turn comes at once', scripts: [{}], limit: LIMIT },
  { name: 'stopped while it waits', scripts: [{}], limit: LIMIT, ahead: [60, 60], stopAfterSeconds: 5 },
  {
    name: 'waits for longer than it may',
    scripts: [{}],
    limit: LIMIT,
    ahead: [100, 100],
    startTimeoutInSeconds: 20,
  },
  {
    name: 'waits for one that is stopped, of which no event tells',
    scripts: [{}],
    limit: LIMIT,
    ahead: [100, 100],
    stopsAheadAfterSeconds: 5,
    faults: [LOST_EVENT],
  },
  {
    name: 'stopped while it waits, of which no event tells',
    scripts: [{}],
    limit: LIMIT,
    ahead: [100, 100],
    stopAfterSeconds: 5,
    faults: [LOST_EVENT],
  },
  {
    name: 'stopped while it renders, of which no event tells',
    scripts: [{ seconds: 200 }, {}],
    limit: LIMIT,
    stopAfterSeconds: 10,
    faults: [LOST_EVENT],
  },
  {
    name: 'a function of the render is throttled, while another waits',
    scripts: [{ throttledAtPercent: 40 }, {}],
    limit: LIMIT,
    ahead: [60],
  },
  { name: 'a batch', scripts: [{}], batches: true, rows: 2 },
  { name: 'a row of a batch fails', scripts: [{ failAtPercent: 40 }, {}], batches: true, rows: 1 },
  {
    name: 'a batch is stopped',
    scripts: [{ seconds: 40 }, {}],
    batches: true,
    rows: 2,
    stopAfterSeconds: 15,
  },
  // Looked at every ten seconds.
  {
    name: 'a batch passes its budget',
    scripts: [{ seconds: 30 }],
    batches: true,
    rows: 2,
    maxCostInUsd: 0.000001,
  },
];
