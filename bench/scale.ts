/** What so many renders a day take of each quota, as docs/scale.md shows it: `npm run bench:scale`. */
import { printTable } from './print-table.ts';
import { ACCOUNT_FUNCTIONS, FUNCTIONS_PER_RENDER } from './turns/assumptions.ts';

const RENDERS_A_DAY = [1_000, 100_000, 1_000_000];

const SECONDS_OF_A_DAY = 86_400;

/** The busiest seconds of a day against all of it. */
const PEAK = 5;

const RENDER_SECONDS = 20;

interface Use {
  readonly of: string;
  /** What a render takes of it. */
  readonly each: number;
  /** In a second, or at once. */
  readonly quota: number;
  readonly isAtOnce?: true;
}

/** Of a render with a look or two, as in bench/running-costs.ts, that waits for its turn. */
const USES: readonly Use[] = [
  {
    of: "Lambda: Remotion's functions at once",
    each: FUNCTIONS_PER_RENDER * RENDER_SECONDS,
    quota: ACCOUNT_FUNCTIONS,
    isAtOnce: true,
  },
  { of: "Lambda: the workflow's functions at once", each: 12, quota: ACCOUNT_FUNCTIONS, isAtOnce: true },
  { of: 'register: changes of one object', each: 3, quota: 15 },
  { of: 'Step Functions: transitions', each: 12, quota: 1_500 },
  { of: 'Step Functions: StartExecution', each: 1, quota: 300 },
  { of: 'Step Functions: SendTaskSuccess', each: 1, quota: 500 },
  { of: 'EventBridge: PutEvents', each: 2, quota: 10_000 },
  { of: 'EventBridge: calls of targets', each: 3, quota: 18_750 },
  { of: 'S3: writes and lists under one prefix', each: 8, quota: 3_500 },
  { of: 'S3: reads under one prefix', each: 29, quota: 5_500 },
  { of: 'CloudWatch Logs: PutLogEvents', each: 8, quota: 5_000 },
];

const share = (use: Use, rendersADay: number) =>
  ((PEAK * rendersADay) / SECONDS_OF_A_DAY) * (use.each / use.quota);
const percent = (value: number) =>
  value > 1 ? `**${(100 * value).toFixed(0)} %**` : `${(100 * value).toFixed(value < 0.1 ? 2 : 0)} %`;

console.log(
  `At ${PEAK} times the day's mean; a render takes ${RENDER_SECONDS} s and ${FUNCTIONS_PER_RENDER} functions.\n`,
);
printTable(
  [
    'of which',
    'a render takes',
    'quota',
    ...RENDERS_A_DAY.map((renders) => `${renders.toLocaleString('en')} a day`),
  ],
  USES.map((use) => [
    use.of,
    use.isAtOnce ? `${use.each} s` : String(use.each),
    use.isAtOnce ? `${use.quota.toLocaleString('en')} at once` : `${use.quota.toLocaleString('en')} a second`,
    ...RENDERS_A_DAY.map((renders) => percent(share(use, renders))),
  ]),
  '---:',
);
console.log();
printTable(
  ['a day', 'renders a second, mean', 'at the peak', 'at once, mean', 'at the peak', 'functions at the peak'],
  RENDERS_A_DAY.map((renders) => {
    const mean = renders / SECONDS_OF_A_DAY;
    return [
      renders.toLocaleString('en'),
      mean.toFixed(2),
      (PEAK * mean).toFixed(2),
      (mean * RENDER_SECONDS).toFixed(1),
      (PEAK * mean * RENDER_SECONDS).toFixed(0),
      Math.ceil(PEAK * mean * RENDER_SECONDS * FUNCTIONS_PER_RENDER).toLocaleString('en'),
    ];
  }),
  '---:',
);
console.log();
printTable(
  ['breaks in this order', 'at so many renders a day'],
  USES.map((use) => ({ ...use, most: Math.round(1 / share(use, 1)) }))
    .sort((a, b) => a.most - b.most)
    .map(({ of, most }) => [of, most.toLocaleString('en')]),
  '---:',
);
