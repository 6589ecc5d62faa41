import { BATCH_METRICS, FAILURE_NAMES, METRICS } from '../functions/runtime/metric-definitions.ts';
import { PRICES } from './prices.ts';
import { printTable } from './print-table.ts';

/** What the workflow costs beside the renders, as docs/operations.md shows it. */
const RENDERS = 1_000;

/**
 * One delivered render, whose progress is looked at twice: `bench/traces` and the picture of the dashboard have such
 * on average. Seconds include the functions' starts; those of the look are the mean of the recorded traces in
 * docs/performance.md, with its reads of the progress.
 */
const LOOKS = 2;
const TRANSITIONS = 8 + 3 * (LOOKS - 1);
/** Render Started and Render Succeeded. */
const EVENTS = 2;
const GIGABYTE_SECONDS = 0.5 * 1.5 + 3.97 + 0.25 * 1;
/** The loop's; a claim of 0.1.0; the video, and its destination before and after the copy. */
const READS = 19 + 1 + 3;
/** The claim twice, the copy, and the list of artifacts, which S3 prices as a write. */
const WRITES = 2 + 1 + 1;
/** Log lines of the functions with their metrics, and the state machine's log without data. */
const LOG_KILOBYTES = 8 + 20;

const thousand: [string, string, number][] = [
  ['state transitions', `${TRANSITIONS} each`, TRANSITIONS * PRICES.stateTransition],
  ['events', `${EVENTS} each`, EVENTS * PRICES.customEvent],
  ['invocations', `${2 + LOOKS} each`, (2 + LOOKS) * PRICES.lambdaRequest],
  [
    "the functions' time",
    `${GIGABYTE_SECONDS.toFixed(1)} GB-s each`,
    GIGABYTE_SECONDS * PRICES.lambdaGigabyteSecond,
  ],
  ['S3, reads', `${READS} each`, READS * PRICES.s3Read],
  ['S3, writes', `${WRITES} each: the claim twice, the copy, a list`, WRITES * PRICES.s3Write],
  ['logs', `${LOG_KILOBYTES} KB each`, (LOG_KILOBYTES / 1e6) * PRICES.logGigabyte],
  ['traces', '1 each', PRICES.trace],
];
const sum = thousand.reduce((total, [, , usd]) => total + usd, 0);
const usd = (amount: number) => `$${amount.toFixed(amount < 0.01 ? 4 : 2)}`;
printTable(
  ['for 1,000 renders', 'how many', 'USD'],
  [
    ...thousand.map(([what, count, each]) => [what, count, usd(each * RENDERS)]),
    ['**in all**', '', `**${usd(sum * RENDERS)}**`],
    ['and asked for by event', '1 event each', usd(PRICES.customEvent * RENDERS)],
    [
      'or by the queue',
      '4 requests and 1 of the pipe each',
      usd((4 * PRICES.queueRequest + PRICES.pipeRequest) * RENDERS),
    ],
    ['or over HTTP', '1 request each', usd(PRICES.apiRequest * RENDERS)],
  ],
);
console.log();
const ofBatches = Object.keys(BATCH_METRICS).length;
/** TurnWait, RunningRenders, WaitingRenders and OldestTicketAge. */
const ofTurns = 4;
/** RendersFailed has its own line. */
const always = Object.keys(METRICS).length - 1 - ofTurns;
const alarms = 7;
const moreAlarms = 3 + 3;
printTable(
  ['for a month', 'how many', 'USD at most'],
  [
    [
      'metrics',
      `${always}, ${ofTurns} more with \`maxConcurrentRenders\`, ${ofBatches} more with \`renderBatch\`, and 1 for each name of a failure that occurs`,
      usd((always + ofTurns + ofBatches) * PRICES.metricMonth),
    ],
    ['each name of a failure', `of ${FAILURE_NAMES.length}`, usd(PRICES.metricMonth)],
    [
      'alarms',
      `${alarms}; 1 more each with \`maxSpendPerDayInUsd\`, the queue and \`maxConcurrentRenders\`, 3 with \`renderBatch\``,
      usd((alarms + moreAlarms) * PRICES.alarmMonth),
    ],
    ['dashboard', '1', usd(PRICES.dashboardMonth)],
  ],
);
