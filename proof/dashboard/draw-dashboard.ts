import type { DashboardGraph, DashboardLine } from './read-dashboard.ts';
import { metricKey, type Sample, statisticOf } from './sample.ts';

/** What a picture of a dashboard shows. */
export interface PictureOptions {
  readonly graphs: readonly DashboardGraph[];
  readonly samples: readonly Sample[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** One point of a line stands for so many seconds at least: a graph's own period can be too short to be seen. */
  readonly shortestPeriodInSeconds: number;
  /** Values of expressions, which do not change with time. */
  readonly expressions: Readonly<Record<string, number>>;
}

interface Line {
  readonly label: string;
  readonly color: string;
  /** Null where there is no value. */
  readonly values: readonly (number | null)[];
}

const GRAPH = { width: 560, height: 250, columns: 2 };
const PLOT = { left: 58, top: 40, right: 16, bottom: 58 };
const COLORS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#17becf'];

/** Draws the graphs of a dashboard from samples of its metrics, as an SVG. Lines without any value are left out. */
export function drawDashboard(options: PictureOptions): string {
  const { graphs } = options;
  const width = GRAPH.width * GRAPH.columns;
  const height = GRAPH.height * Math.ceil(graphs.length / GRAPH.columns);
  const drawn = graphs.map((graph, index) => {
    const x = GRAPH.width * (index % GRAPH.columns);
    const y = GRAPH.height * Math.floor(index / GRAPH.columns);
    return `<g transform="translate(${x} ${y})">\n${drawGraph(graph, options)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">
<title>The dashboard of a render workflow</title>
<rect width="${width}" height="${height}" fill="#f2f3f3"/>
${drawn.join('\n')}
</svg>
`;
}

function drawGraph(graph: DashboardGraph, options: PictureOptions): string {
  const periodInMs = 1000 * Math.max(options.shortestPeriodInSeconds, periodOf(graph));
  const count = Math.ceil((options.to - options.from) / periodInMs);
  const lines = graph.lines
    .map((line) => ({ label: line.label, values: valuesOf(line, options, periodInMs, count) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .map((line, index) => ({ ...line, color: COLORS[index % COLORS.length] ?? '' }));
  const plot = {
    width: GRAPH.width - PLOT.left - PLOT.right,
    height: GRAPH.height - PLOT.top - PLOT.bottom,
  };
  const totals = Array.from({ length: count }, (_, i) =>
    lines.reduce((total, { values }) => total + (values[i] ?? 0), 0),
  );
  const highest = Math.max(
    ...(graph.stacked ? totals : lines.flatMap(({ values }) => values.map((value) => value ?? 0))),
  );
  const step = tickStep(highest);
  const top = Math.max(step, Math.ceil(highest / step) * step);
  const x = (i: number) => (plot.width * (i + 0.5)) / count;
  const y = (value: number) => plot.height * (1 - value / top);
  return [
    `<rect x="4" y="4" width="${GRAPH.width - 8}" height="${GRAPH.height - 8}" rx="4" fill="#fff" stroke="#d5dbdb"/>`,
    `<text x="16" y="25" font-size="14" font-weight="bold">${escaped(graph.title)}</text>`,
    `<text x="${GRAPH.width - 16}" y="25" text-anchor="end" fill="#545b64">${escaped(graph.unit)}</text>`,
    `<g transform="translate(${PLOT.left} ${PLOT.top})">`,
    ...valueAxis(step, top, y, plot.width),
    ...timeAxis(options, plot),
    ...(graph.stacked
      ? drawBars(lines, x, y, (plot.width / count) * 0.8)
      : lines.flatMap((line) => drawLine(line, x, y))),
    '</g>',
    ...legend(lines),
  ].join('\n');
}

function periodOf({ lines }: DashboardGraph): number {
  return Math.max(...lines.map((line) => ('name' in line ? line.periodInSeconds : 0)));
}

function valuesOf(
  line: DashboardLine,
  { samples, from, expressions }: PictureOptions,
  periodInMs: number,
  count: number,
): (number | null)[] {
  if ('expression' in line) return Array(count).fill(expressions[line.expression] ?? null);
  const metric = metricKey(line.namespace, line.name, line.dimensions);
  const buckets = Map.groupBy(
    samples.filter((sample) => sample.metric === metric),
    ({ time }) => Math.floor((time - from) / periodInMs),
  );
  if (buckets.size === 0) return [];
  // Where nothing was counted, a sum is nothing.
  const nothing = line.statistic === 'Sum' ? 0 : null;
  return Array.from({ length: count }, (_, i) => {
    const values = buckets.get(i)?.map(({ value }) => value);
    return values ? statisticOf(line.statistic, values) : nothing;
  });
}

function drawLine({ values, color }: Line, x: (i: number) => number, y: (value: number) => number): string[] {
  const points = values.flatMap((value, i) => (value === null ? [] : [`${round(x(i))},${round(y(value))}`]));
  return [
    `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linejoin="round"/>`,
    ...(points.length < values.length
      ? points.map((point) => {
          const [cx, cy] = point.split(',');
          return `<circle cx="${cx}" cy="${cy}" r="2.2" fill="${color}"/>`;
        })
      : []),
  ];
}

function drawBars(
  lines: readonly Line[],
  x: (i: number) => number,
  y: (value: number) => number,
  width: number,
): string[] {
  const bottoms: number[] = [];
  return lines.flatMap(({ values, color }) =>
    values.flatMap((value, i) => {
      if (!value) return [];
      const bottom = bottoms[i] ?? 0;
      bottoms[i] = bottom + value;
      const [upper, lower] = [y(bottom + value), y(bottom)];
      return [
        `<rect x="${round(x(i) - width / 2)}" y="${round(upper)}" width="${round(width)}" height="${round(lower - upper)}" fill="${color}"/>`,
      ];
    }),
  );
}

function valueAxis(step: number, top: number, y: (value: number) => number, width: number): string[] {
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return ticks.flatMap((tick) => [
    `<line x1="0" x2="${width}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="#eaeded"/>`,
    `<text x="-8" y="${round(y(tick) + 4)}" text-anchor="end" fill="#545b64">${shortNumber(tick)}</text>`,
  ]);
}

function timeAxis({ from, to }: PictureOptions, plot: { width: number; height: number }): string[] {
  const hour = 3_600_000;
  const hours = Math.round((to - from) / hour);
  return Array.from({ length: Math.floor(hours / 2) + 1 }, (_, i) => {
    const x = round((plot.width * 2 * i) / hours);
    const label = `${String(new Date(from + 2 * i * hour).getUTCHours()).padStart(2, '0')}:00`;
    const anchor = i === 0 ? 'start' : 2 * i === hours ? 'end' : 'middle';
    return `<text x="${x}" y="${plot.height + 18}" text-anchor="${anchor}" fill="#545b64">${label}</text>`;
  });
}

function legend(lines: readonly Line[]): string[] {
  let x = PLOT.left;
  return lines.flatMap(({ label, color }) => {
    const at = x;
    x += 28 + label.length * 7;
    const y = GRAPH.height - 18;
    return [
      `<rect x="${round(at)}" y="${y - 9}" width="10" height="10" fill="${color}"/>`,
      `<text x="${round(at + 14)}" y="${y}">${escaped(label)}</text>`,
    ];
  });
}

/** A step of 1, 2 or 5 times a power of ten that makes at most five ticks. */
function tickStep(highest: number): number {
  if (highest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest / 4));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => highest / step <= 4) ?? 10 * power;
}

function shortNumber(value: number): string {
  if (value >= 1e6) return `${round(value / 1e6)} M`;
  if (value >= 1e3) return `${round(value / 1e3)} k`;
  return String(Number(value.toPrecision(3)));
}

const round = (value: number): number => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
