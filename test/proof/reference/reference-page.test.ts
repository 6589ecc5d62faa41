import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeclarations } from '../../../proof/reference/read-declarations.ts';
import { referencePage } from '../../../proof/reference/reference-page.ts';

const ROOT = join(import.meta.dirname, '../../..');

test('docs/api.md is what the docstrings say today: npm run -s api > docs/api.md', () => {
  expect(readFileSync(join(ROOT, 'docs/api.md'), 'utf8')).toBe(referencePage());
});

test.each(['stacks/render-workflow-props.ts', 'stacks/renderer/renderer-props.ts'])(
  'every prop of %s says what it means and what holds without it',
  (file) => {
    const members = readDeclarations(join(ROOT, file)).flatMap((each) => each.members);
    expect(members.filter(({ text }) => !text)).toEqual([]);
    const optional = members.filter(({ isRequired }) => !isRequired);
    expect(optional.length).toBeGreaterThan(2);
  },
);
