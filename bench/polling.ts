/** Compares ways to follow a render, on traces in virtual time: `npm run bench:polling -- [--seed N]`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FIXED_5, OURS, OURS_AT_120, POLICIES, type Policy } from './policies.ts';
import { costOf } from './prices.ts';
import { printTable } from './print-table.ts';
import { finishOf, type RenderTrace } from './render-trace.ts';
import { type Outcome, replayTrace } from './replay-trace.ts';
import { generatedTraces, recordedTraces } from './traces.ts';

interface Goal {
  readonly what: string;
  readonly limit: number;
  readonly value: number;
}

type Outcomes = ReadonlyMap<Policy, readonly Outcome[]>;

const FIVE_MINUTES_IN_MS = 300_000;

function goals(traces: readonly RenderTrace[], outcomes: Outcomes): Goal[] {
  const of = (policy: Policy) => outcomes.get(policy) ?? [];
  const ratios = (ours: Policy, value: (outcome: Outcome) => number) =>
    of(ours).map((outcome, index) => value(outcome) / value(of(FIXED_5)[index] as Outcome));
  const delays = of(OURS).map(({ delayInMs }) => delayInMs / 1000);
  const fromFiveMinutes = traces.map((trace) => Math.abs(finishOf(trace) - FIVE_MINUTES_IN_MS));
  const fiveMinutes = fromFiveMinutes.indexOf(Math.min(...fromFiveMinutes));
  const transitions = ({ stateTransitions }: Outcome) => stateTransitions;
  return [
    { what: 'delay, p95 (s)', limit: 1, value: quantile(delays, 0.95) },
    { what: 'delay, longest (s)', limit: 3, value: Math.max(...delays) },
    {
      what: 'cost of the set / fixed 5 s',
      limit: 1 / 4,
      value: sum(of(OURS), costOf) / sum(of(FIXED_5), costOf),
    },
    { what: 'cost of any one trace / fixed 5 s', limit: 1, value: Math.max(...ratios(OURS, costOf)) },
    {
      what: 'transitions at 5 min / fixed 5 s',
      limit: 1 / 5,
      value: ratios(OURS, transitions)[fiveMinutes] ?? Number.NaN,
    },
    {
      what: 'transitions at 5 min / fixed 5 s, at most 120 s',
      limit: 1 / 10,
      value: ratios(OURS_AT_120, transitions)[fiveMinutes] ?? Number.NaN,
    },
  ];
}

function printPolicies(title: string, outcomes: Outcomes): void {
  const rows = [...outcomes].map(([policy, list]) => {
    const mean = (value: (outcome: Outcome) => number) => sum(list, value) / list.length;
    const delays = list.map(({ delayInMs }) => delayInMs / 1000);
    return [
      policy.name,
      mean(({ stateTransitions }) => stateTransitions).toFixed(1),
      mean(({ invocations }) => invocations).toFixed(1),
      mean(({ gigabyteSeconds }) => gigabyteSeconds).toFixed(2),
      mean(({ s3Reads }) => s3Reads).toFixed(1),
      (1000 * mean(costOf)).toFixed(2),
      (sum(list, costOf) / sum(outcomes.get(FIXED_5) ?? [], costOf)).toFixed(2),
      mean(({ delayInMs }) => delayInMs / 1000).toFixed(2),
      quantile(delays, 0.95).toFixed(2),
      Math.max(...delays).toFixed(2),
      (Math.max(...list.map(({ longestSilenceInMs }) => longestSilenceInMs)) / 1000).toFixed(1),
    ];
  });
  printTitled(
    title,
    [
      'policy',
      'transitions',
      'invocations',
      'GB-s',
      'S3 reads',
      'USD / 1,000',
      '× fixed 5 s',
      'delay mean (s)',
      'p95',
      'max',
      'longest silence (s)',
    ],
    rows,
  );
}

function printTitled(title: string, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`\n${title}\n`);
  printTable(heading, rows, '---:');
}

function sum(outcomes: readonly Outcome[], value: (outcome: Outcome) => number): number {
  return outcomes.reduce((total, outcome) => total + value(outcome), 0);
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}

const { values: options } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, traces: { type: 'boolean', default: false } },
});
// Remotion's client wants to sign what it sends; the replayed bucket takes anything.
process.env.AWS_ACCESS_KEY_ID = 'bench';
process.env.AWS_SECRET_ACCESS_KEY = 'bench';

const recorded = recordedTraces();
const traces = [...recorded, ...generatedTraces(Number(options.seed))];
const outcomes = new Map<Policy, Outcome[]>();
for (const policy of POLICIES) {
  const list: Outcome[] = [];
  for (const trace of traces) list.push(await replayTrace(trace, policy));
  outcomes.set(policy, list);
}

const seconds = traces.map((trace) => finishOf(trace) / 1000);
console.log(
  `${traces.length} traces of ${Math.min(...seconds).toFixed(0)} to ${Math.max(...seconds).toFixed(0)} s, ${recorded.length} of them recorded, seed ${options.seed}; ${availableParallelism()} CPUs, Node.js ${process.version}. Means are for one render.`,
);
printPolicies('All traces', outcomes);
printPolicies(
  'Recorded traces',
  new Map([...outcomes].map(([policy, list]) => [policy, list.slice(0, recorded.length)])),
);
if (options.traces) {
  printTitled(
    'This workflow, trace by trace',
    [
      'trace',
      'finish (s)',
      'transitions',
      'GB-s',
      'S3 reads',
      '× fixed 5 s',
      'delay (s)',
      'longest silence (s)',
    ],
    traces.map((trace, index) => {
      const ours = outcomes.get(OURS)?.[index] as Outcome;
      const fixed = outcomes.get(FIXED_5)?.[index] as Outcome;
      return [
        trace.name,
        (finishOf(trace) / 1000).toFixed(1),
        String(ours.stateTransitions),
        ours.gigabyteSeconds.toFixed(2),
        String(ours.s3Reads),
        (costOf(ours) / costOf(fixed)).toFixed(2),
        (ours.delayInMs / 1000).toFixed(2),
        (ours.longestSilenceInMs / 1000).toFixed(1),
      ];
    }),
  );
}
const results = goals(traces, outcomes);
printTitled(
  'Goals',
  ['goal', 'at most', 'is', ''],
  results.map(({ what, limit, value }) => [
    what,
    limit.toFixed(2),
    value.toFixed(3),
    value <= limit ? 'met' : 'missed',
  ]),
);
// Written so that a value that is no number misses its goal.
if (!results.every(({ limit, value }) => value <= limit)) process.exitCode = 1;
