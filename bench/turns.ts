/** Compares ways to share places for renders in a rush hour, in virtual time: `npm run bench:turns -- [--seed N]`. */
import { parseArgs } from 'node:util';
import { printTable } from './print-table.ts';
import { allAtOnce } from './turns/all-at-once.ts';
import { byPolling } from './turns/by-polling.ts';
import { type Outcome, quantile } from './turns/outcome.ts';
import { rushHour } from './turns/rush-hour.ts';
import { withTurns } from './turns/with-turns.ts';

const REQUESTS = 10_000;
const LIMIT = 50;
const UNTOLD_SHARE = 0.05;

const { values: options } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
const seed = Number(options.seed);
const asked = rushHour(REQUESTS, seed);
const run = { limit: LIMIT, seed };
const ours = await withTurns(asked, { ...run, name: 'turns (this workflow)' });
const untold = await withTurns(asked, {
  ...run,
  name: `turns, ${UNTOLD_SHARE * 100} % of the ends told by nobody`,
  untoldShare: UNTOLD_SHARE,
});
const slow = await withTurns(asked, { ...run, name: 'turns, AWS twice as slow', latencyFactor: 2 });
const others = [allAtOnce(asked, run), ...[5, 30].map((every) => byPolling(asked, { ...run, every }))];

const seconds = (values: readonly number[], share: number) => (quantile(values, share) / 1000).toFixed(2);
const percent = (share: number) => (100 * share).toFixed(2);
const perThousand = (usd: number) => ((1000 * usd) / REQUESTS).toFixed(3);
const row = (outcome: Outcome) => [
  outcome.name,
  String(outcome.lost),
  String(outcome.mostAtOnce),
  seconds(outcome.waitsInMs, 0.5),
  seconds(outcome.waitsInMs, 1),
  String(outcome.overtaking),
  percent(outcome.freeShare),
  seconds(outcome.handoversInMs, 0.95),
  percent(outcome.idleShare),
  perThousand(outcome.waitingCost),
  perThousand(outcome.wastedCost),
];
console.log(
  `${REQUESTS.toLocaleString('en')} requests in an hour, at most ${LIMIT} renders at once, which take ${seconds(
    asked.map(({ renderTime }) => renderTime),
    0.05,
  )} to ${seconds(
    asked.map(({ renderTime }) => renderTime),
    0.95,
  )} s (5th to 95th percentile); seed ${seed}\n`,
);
printTable(
  [
    'way',
    'renders lost',
    'most at once',
    'wait, median (s)',
    'longest (s)',
    'overtaking',
    'places free (%)',
    'handover, p95 (s)',
    'idle (%)',
    'cost of waiting (USD / 1,000)',
    'of renders that came to nothing',
  ],
  [ours, untold, slow, ...others].map(row),
  '---:',
);
const each = (count: number) => (count / REQUESTS).toFixed(2);
const { put, get, list } = ours.requests;
console.log(
  `\nRequests of the turns for each render: ${each(put)} PUT, of which ${each(ours.conflicts)} lost to others, ${each(list)} LIST, ${each(get)} GET.\n`,
);
const goals = [
  { what: 'places free while somebody waits (%)', limit: 1, value: 100 * ours.freeShare },
  { what: 'handover, p95 (s)', limit: 2, value: quantile(ours.handoversInMs, 0.95) / 1000 },
  {
    what: 'the same where the end is told by nobody (s)',
    limit: 60,
    value: quantile(untold.foundAfterInMs, 0.95) / 1000,
  },
  {
    what: 'cost of waiting, saturated (USD / 1,000 renders)',
    limit: 0.05,
    value: (1000 * ours.waitingCost) / REQUESTS,
  },
  {
    what: 'renders at once',
    limit: LIMIT,
    value: Math.max(ours.mostAtOnce, untold.mostAtOnce, slow.mostAtOnce),
  },
  { what: 'renders lost', limit: 0, value: ours.lost + untold.lost + slow.lost },
];
printTable(
  ['goal', 'at most', 'is', ''],
  goals.map(({ what, limit, value }) => [
    what,
    String(limit),
    value.toFixed(3),
    value <= limit ? 'met' : 'missed',
  ]),
  '---:',
);
// Written so that a value that is no number misses its goal.
if (!goals.every(({ limit, value }) => value <= limit)) process.exitCode = 1;
