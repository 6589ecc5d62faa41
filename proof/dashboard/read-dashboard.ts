/** A line of a graph: a metric, or an expression over metrics of the same graph. */
export type DashboardLine = DashboardMetric | { readonly label: string; readonly expression: string };

export interface DashboardMetric {
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Average`, `Maximum` or `p…`. */
  readonly statistic: string;
  readonly periodInSeconds: number;
  /** By which expressions name it. */
  readonly id?: string;
}

export interface DashboardGraph {
  readonly title: string;
  /** What the values are. */
  readonly unit: string;
  readonly stacked: boolean;
  readonly lines: readonly DashboardLine[];
}

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: { readonly DashboardBody?: unknown } }>
  >;
}

interface LineOptions {
  readonly label?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly expression?: string;
  readonly id?: string;
}

interface GraphProperties {
  readonly title: string;
  readonly stacked?: boolean;
  readonly yAxis: { readonly left: { readonly label: string } };
  readonly metrics: readonly (readonly (string | LineOptions)[])[];
}

/** The graphs of the one dashboard in a template. References stand as `<logical id>` or `<logical id.attribute>`. */
export function readDashboard({ Resources }: Template): DashboardGraph[] {
  const [dashboard] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');
  if (!dashboard) throw new Error('The template has no dashboard.');
  const body: { widgets: { properties: GraphProperties }[] } = JSON.parse(
    spell(dashboard.Properties.DashboardBody),
  );
  return body.widgets.map(({ properties: { title, stacked = false, yAxis, metrics } }) => ({
    title,
    unit: yAxis.left.label,
    stacked,
    lines: metrics.map(readLine),
  }));
}

function readLine(parts: readonly (string | LineOptions)[]): DashboardLine {
  const texts = parts.filter((part) => typeof part === 'string');
  const [options = {}] = parts.filter((part) => typeof part !== 'string');
  const { label = '', stat = 'Average', period = 300, expression, id } = options;
  if (expression !== undefined) return { label, expression };
  const [namespace = '', name = '', ...rest] = texts;
  const dimensions: Record<string, string> = {};
  for (let i = 0; i < rest.length; i += 2) dimensions[rest[i] ?? ''] = rest[i + 1] ?? '';
  return { label, namespace, name, dimensions, statistic: stat, periodInSeconds: period, ...(id && { id }) };
}

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(spell).join(String(join[0]));
  return Array.isArray(attribute) ? `<${attribute.join('.')}>` : `<${Ref}>`;
}
