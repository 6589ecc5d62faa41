import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeclarations } from '../../../proof/reference/read-declarations.ts';
import { referencePage } from '../../../proof/reference/reference-page.ts';

const ROOT = join(import.meta.dirname, '../../..');

test('docs/api.md is what the docstrings say today: npm run -s api > docs/api.md', () => {
  expect(readFileSync(join(ROOT, 'docs/api.md'), 'utf8')).toBe(referencePage());
});

test('it has all of the construct with what it means, and every type of the contract of batches', () => {
  const [constructs = ''] = referencePage().split('\n## The contract\n');
  expect(constructs.match(/^.*` \| {2}\|.*$/gm) ?? []).toEqual([]);
  expect(referencePage()).not.toContain('@default');
  const contract = readFileSync(join(ROOT, 'statemachine/contract.ts'), 'utf8');
  const [, exported = ''] = /export type \{([^}]+)\} from '\.\/batch-contract\.ts'/.exec(contract) ?? [];
  // Of events there are schemas.
  const names = exported.split(',').flatMap((name) => (/Event|^\s*$/.test(name) ? [] : name.trim()));
  expect(names.filter((name) => !referencePage().includes(`### ${name}\n`))).toEqual([]);
  expect(names).toContain('BatchRequest');
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
