import { drawDashboard } from '../../../proof/dashboard/draw-dashboard.ts';
import { readMetrics } from '../../../proof/dashboard/embedded-metrics.ts';
import { metricKey, statisticOf } from '../../../proof/dashboard/sample.ts';

const LINE = JSON.stringify({
  _aws: {
    Timestamp: 1_000,
    CloudWatchMetrics: [
      {
        Namespace: 'N',
        Dimensions: [['service', 'error']],
        Metrics: [{ Name: 'RendersFailed', Unit: 'Count' }],
      },
    ],
  },
  service: 'Videos',
  error: 'RenderFailed',
  RendersFailed: 1,
});

test('a line with metrics is read as CloudWatch reads it, and any other line is not', () => {
  expect(readMetrics(LINE)).toEqual([
    {
      time: 1_000,
      namespace: 'N',
      name: 'RendersFailed',
      unit: 'Count',
      value: 1,
      dimensions: { service: 'Videos', error: 'RenderFailed' },
    },
  ]);
  expect(readMetrics('{"level":"INFO"}')).toEqual([]);
});

test.each([
  ['Sum', 110],
  ['Average', 22],
  ['Maximum', 100],
  ['p50', 3],
  ['p95', 100],
])('the statistic %s of values is %d', (statistic, expected) => {
  expect(statisticOf(statistic, [3, 1, 100, 2, 4])).toBe(expected);
});

test('a statistic that is not known is refused by name', () => {
  expect(() => statisticOf('Median', [1])).toThrow('"Median" is no statistic');
});

test('a picture shows the lines that have values, with the limit, and leaves the others out', () => {
  const metric = { namespace: 'N', dimensions: {}, statistic: 'Sum', periodInSeconds: 300 };
  const picture = drawDashboard({
    graphs: [
      {
        title: 'Renders < all',
        unit: 'renders',
        stacked: false,
        lines: [
          { ...metric, name: 'Started', label: 'started' },
          { ...metric, name: 'Never', label: 'never seen' },
          { expression: 'LIMIT', label: 'limit' },
        ],
      },
    ],
    samples: [{ time: 0, metric: metricKey('N', 'Started', {}), value: 5 }],
    from: 0,
    to: 7_200_000,
    shortestPeriodInSeconds: 3_600,
    expressions: { LIMIT: 10 },
  });
  expect(picture).toContain('Renders &lt; all');
  expect(picture).toContain('>started<');
  expect(picture).toContain('>limit<');
  expect(picture).not.toContain('never seen');
  // Two hours: the value in the first, nothing in the second; the limit at the top.
  expect([...picture.matchAll(/polyline points="([^"]+)"/g)].map(([, points]) => points)).toEqual([
    '121.5,76 364.5,152',
    '121.5,0 364.5,0',
  ]);
});
