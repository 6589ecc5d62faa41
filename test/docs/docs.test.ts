import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BATCH_ERRORS } from '../../statemachine/batch-errors.ts';
import { BATCH_EVENT_SCHEMAS } from '../../statemachine/batch-event-schema.ts';
import type { BatchEvent, RenderEvent } from '../../statemachine/contract.ts';
import { type StartRetryName, WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { parseRenderRequest } from '../../statemachine/parse-render-request.ts';
import { CANCEL_OUTCOMES, RENDER_EVENT_SCHEMAS } from '../../statemachine/render-event-schema.ts';
import { RENDER_OPTIONS } from '../../statemachine/render-options.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface State {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Catch?: { Next: string }[];
}

test('the picture of docs/workflow.md has the states and transitions of the definition, and no others', () => {
  const definition: { StartAt: string; States: Record<string, State> } = JSON.parse(
    read('statemachine/render-workflow.asl.json'),
  );
  const transitions = Object.entries(definition.States).flatMap(([name, state]) => {
    const ends = ['Succeed', 'Fail'].includes(state.Type) ? ['[*]'] : [];
    const handlers = [...(state.Choices ?? []), ...(state.Catch ?? [])].map(({ Next }) => Next);
    return [state.Next, state.Default, ...handlers, ...ends]
      .filter((next) => next !== undefined)
      .map((next) => `${name} --> ${next}`);
  });
  const picture = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(read('docs/workflow.md'))?.[1] ?? '';
  const drawn = picture.trim().split(/\s*\n\s*/);
  expect(drawn.sort()).toEqual([...new Set([`[*] --> ${definition.StartAt}`, ...transitions])].sort());
});

test('docs/errors.md has every error of the workflow, as the code describes it, and no others', () => {
  const [table = ''] = read('docs/errors.md').split('\n## ');
  const row = /^\| `([A-Z][A-Za-z]+)` \| (.+) \| (.+) \| (.+) \| (yes|no) \|$/gm;
  const rows = [...table.matchAll(row)].map(([, name, meaning, leaves, remedy, retryable]) => [
    name,
    { meaning, leaves, remedy, retryable: retryable === 'yes' },
  ]);
  expect(Object.fromEntries(rows)).toEqual(WORKFLOW_ERRORS);
});

test('docs/batch.md has every error of a batch, as the code describes it, and no others', () => {
  const rows = [...read('docs/batch.md').matchAll(/^\| `([A-Z]\w+)` \| (.+?) \| (.+?) \|$/gm)];
  const documented = rows.map(([, name, meaning, remedy]) => [name, { meaning, remedy }]);
  expect(Object.fromEntries(documented)).toEqual(BATCH_ERRORS);
});

test('docs/options.md has every option of the installed renderMediaOnLambda, as the code handles it', () => {
  const rows = [...read('docs/options.md').matchAll(/^\| `(\w+)` \| (\w+) \| (.*)\|$/gm)];
  const documented = rows.map(([, option, handling, why]) => [option, { handling, why: why?.trim() }]);
  expect(Object.fromEntries(documented)).toEqual(RENDER_OPTIONS);
});

test("the README's request is one that the workflow takes", () => {
  const example = /```jsonc\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
  const request = JSON.parse(example.replaceAll(/ \/\/ .*$/gm, ''));
  expect(parseRenderRequest(request, request.jobId)).toEqual(request);
});

test('docs/dependencies.md says what every dependency is for', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const documented = [...read('docs/dependencies.md').matchAll(/`([^`]+)`/g)].map(
    ([, name]) => name as string,
  );
  const undocumented = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !documented.includes(name) && !name.startsWith('@types/'),
  );
  expect(undocumented).toEqual([]);
});

test('the events in docs/events.md fit the schemas, whose fields they show', () => {
  const examples = [...read('docs/events.md').matchAll(/```json\n([\s\S]*?)```/g)]
    .map(([, text = '']) => JSON.parse(text) as RenderEvent | BatchEvent)
    .filter(({ detail }) => detail !== undefined);
  expect(examples.map((event) => event['detail-type'])).toEqual([
    'Render Succeeded',
    'Render Failed',
    'Render Cancelled',
    'Batch Started',
    'Batch Progressed',
    'Batch Failed',
  ]);
  for (const { 'detail-type': type, detail } of examples)
    expect({ ...RENDER_EVENT_SCHEMAS, ...BATCH_EVENT_SCHEMAS }[type].parse(detail)).toEqual(detail);
});

test('docs/events.md has every outcome of a cancel, as the code describes it, and no others', () => {
  const rows = [...read('docs/events.md').matchAll(/^\| `([A-Z][A-Za-z]+)` \| ([^|]+) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, name, meaning]) => [name, meaning]))).toEqual(CANCEL_OUTCOMES);
});

test('docs/README.md has every page, and says for whom', () => {
  const rows = [...read('docs/README.md').matchAll(/^\| \[[\w ]+\]\(([\w./-]+)\) \| .+ \| .+ \|$/gm)];
  const pages = globSync('docs/*.md', { cwd: ROOT }).map((file) => file.replace('docs/', ''));
  const listed = rows.map(([, link]) => link);
  const expected = ['../README.md', 'decisions/README.md', ...pages.filter((page) => page !== 'README.md')];
  expect(listed.sort()).toEqual(expected.sort());
});

describe('docs/troubleshooting.md', () => {
  const page = read('docs/troubleshooting.md');

  test('says of every error of the workflow what is seen and what to do, and of no others', () => {
    const sections = [...page.matchAll(/^## ((?:[A-Z][a-z]+){2,})\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)];
    expect(sections.map(([, name]) => name).sort()).toEqual(Object.keys(WORKFLOW_ERRORS).sort());
    for (const [, , text] of sections) {
      expect(text).toContain('**You see** ');
      expect(text).toMatch(/\*\*(Do|Then):?\*\* |^- \*/m);
    }
  });

  const rowsOf = (title: string) => {
    const section =
      new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(page)?.[1] ?? '';
    return [...section.matchAll(/^\| `(\w+)` \| .{20,} \| .{10,} \|$/gm)].map(([, name]) => name);
  };

  test('says of every error of a batch why it comes and what to do, and of no others', () => {
    expect(rowsOf('Batches')).toEqual(Object.keys(BATCH_ERRORS));
  });

  test('says of what the state machine answers itself that it ends nothing', () => {
    const names: Record<StartRetryName, true> = {
      RenderStartThrottled: true,
      RenderStartPending: true,
      TurnLost: true,
    };
    expect(rowsOf('While a render waits')).toEqual(Object.keys(names));
  });
});

test('CONTRIBUTING.md names files that are there', () => {
  const named = [...read('CONTRIBUTING.md').matchAll(/`([a-z-]+\/[\w./-]*)`/g)].map(([, path]) => path ?? '');
  const rooms = [
    'faults/',
    'scripted-remotion/',
    'permissions/',
    'conformance/',
    'dashboard/',
    'render/',
    'batch/',
    'turns/',
  ];
  const subrooms = [...rooms, 'renderer/', 'runtime/', 'ways-in/', 'grants/', 'operations/', 'bundling/'];
  const missing = named.filter((path) => !subrooms.includes(path) && !existsSync(join(ROOT, path)));
  expect(missing).toEqual([]);
});

test.each(globSync('{*.md,docs/**/*.md}', { cwd: ROOT }))('the links of %s lead somewhere', (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)];
  const broken = links
    .map(([, link]) => link ?? '')
    .filter((link) => !existsSync(join(ROOT, dirname(file), link)));
  expect(broken).toEqual([]);
});
