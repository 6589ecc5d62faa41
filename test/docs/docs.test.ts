import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';
import { parseRenderRequest } from '../../statemachine/parse-render-request.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

interface State {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Catch?: { Next: string }[];
}

test("the README's picture has the states and transitions of the definition, and no others", () => {
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
  const picture = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
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
