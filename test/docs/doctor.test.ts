import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_CHECKS } from '../../cli/doctor/all-checks.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8');

test('docs/doctor.md has every check with what it needs, as the code has it, and no others', () => {
  const [, section = ''] = page.split('## The checks');
  const rows = [...section.matchAll(/^\| `([\w-]+)` \| (.+) \| (.*)\|$/gm)].map(
    ([, name, about, needs = '']) => ({
      name,
      about,
      permissions: [...needs.matchAll(/`([^`]+)`/g)].map(([, action]) => action),
    }),
  );
  expect(rows).toEqual(ALL_CHECKS.map(({ name, about, permissions }) => ({ name, about, permissions })));
});

test('the policy in docs/doctor.md allows what the checks need, and nothing else', () => {
  const policy = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const allowed = policy.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
  const needed = ALL_CHECKS.flatMap(({ permissions }) => permissions);
  expect([...new Set(allowed)].sort()).toEqual([...new Set(needed)].sort());
});

test('every check is broken in a test', () => {
  const tests = globSync('test/cli/doctor/doctor*.test.ts', { cwd: ROOT }).map((file) =>
    readFileSync(join(ROOT, file), 'utf8'),
  );
  const untested = ALL_CHECKS.filter(({ name }) => {
    const result = new RegExp(`(\\[\\s*'${name}',\\s*'(fail|warn)'|examine\\('${name}'|name: '${name}')`);
    return !tests.some((text) => result.test(text));
  });
  expect(untested.map(({ name }) => name)).toEqual([]);
});
