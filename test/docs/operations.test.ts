import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BATCH_METRICS, METRICS } from '../../functions/runtime/metric-definitions.ts';
import { synthesize } from '../stacks/synthesize.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const text = readFileSync(join(DOCS, 'operations.md'), 'utf8');
const section = (title: string) => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

test('docs/operations.md has every metric as the functions emit it, and no others', () => {
  const rows = [...section('Metrics').matchAll(/^\| `(\w+)` \| (\w+) \| (\S+).*? \| (.+) \|$/gm)].map(
    ([, name, step, unit, meaning]) => [name, { step, unit: unit === 'USD' ? 'None' : unit, meaning }],
  );
  const documented = Object.entries({ ...METRICS, ...BATCH_METRICS }).map(
    ([name, { step, unit, meaning }]) => [name, { step, unit, meaning }],
  );
  expect(rows).toEqual(documented);
});

test('docs/operations.md says of every alarm what to do, and of no others', () => {
  const template = synthesize({
    alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:on-call',
    maxSpendPerDayInUsd: '20',
    renderQueue: 'true',
    maxConcurrentRenders: '50',
    renderBatch: 'true',
  });
  const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm')).map((id) =>
    id.replace(/^RenderWorkflowAlarms(\w+?)[0-9A-F]{8}$/, '$1'),
  );
  const rows = [...section('Alarms').matchAll(/^\| `(\w+)` \| .+ \| .+ \|$/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(alarms.sort());
});

test('its picture is there', () => {
  expect(existsSync(join(DOCS, /\]\((dashboard\.svg)\)/.exec(text)?.[1] ?? '-'))).toBe(true);
});
