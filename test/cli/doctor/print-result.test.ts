import { printResult, summarize } from '../../../cli/doctor/print-result.ts';

const NAME = 'remotionstepfunctions-renderworkflowvideosb4115fdb-174f4d241a3d';

test('a result is a line, with the remedy below it, in 80 columns', () => {
  const printed = printResult({
    name: 'concurrency',
    status: 'fail',
    found: '10 functions at once, of the account: most renders need more',
    remedy: 'Raise the quota (npx remotion lambda quotas increase), or give renders fewer functions.',
  });
  expect(printed).toBe(`fail     concurrency         10 functions at once, of the account: most renders
                             need more
                             → Raise the quota (npx remotion lambda quotas
                               increase), or give renders fewer functions.`);
});

test('a name that is longer than the rest of a line stays whole', () => {
  const printed = printResult({
    name: 'destination',
    status: 'ok',
    found: `there, of this account: ${NAME}`,
  });
  expect(printed).toBe(`ok       destination         there, of this account:\n         ${NAME}`);
});

test('the summary counts, and says why what was not looked at was not', () => {
  const skipped = { name: 'b', status: 'skipped', found: '', because: 'workflow' } as const;
  expect(summarize([{ name: 'a', status: 'ok', found: '' }, skipped, skipped])).toBe(
    '1 ok, 2 skipped, because of workflow',
  );
});
