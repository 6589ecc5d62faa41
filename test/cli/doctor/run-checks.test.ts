import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, fail, ok } from '../../../cli/doctor/check.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import type { WorkflowFacts } from '../../../cli/doctor/workflow-facts.ts';

const facts = {} as WorkflowFacts;

const check = (name: string, run: Check['run'], more: Partial<Check> = {}): Check => ({
  name,
  about: '',
  permissions: [],
  run,
  ...more,
});

test('results are told in the order of the checks, and at most six are made at once', async () => {
  let running = 0;
  let most = 0;
  const checks = Array.from({ length: 20 }, (_, i) =>
    check(`check-${i}`, async () => {
      most = Math.max(most, ++running);
      await sleep(20 - i);
      running--;
      return ok('');
    }),
  );
  const told: string[] = [];
  await runChecks(checks, facts, ({ name }) => told.push(name));
  expect(told).toEqual(checks.map(({ name }) => name));
  expect(most).toBe(6);
});

test('a check that gets no answer in its time is a warning, and holds up nothing', async () => {
  const stuck = check('stuck', () => new Promise(() => {}), { limitInSeconds: 0.05 });
  expect(await runChecks([stuck], facts, () => {})).toEqual([
    { name: 'stuck', status: 'warn', found: 'no answer within 0.05 seconds', remedy: expect.any(String) },
  ]);
});

test('what stands on a check that fails is not made', async () => {
  const first = check('ground', async () => fail('shaky', 'Dig.'), { first: true });
  const second = check('house', () => Promise.reject(new Error('must not be asked')));
  expect(await runChecks([second, first], facts, () => {})).toEqual([
    { name: 'ground', status: 'fail', found: 'shaky', remedy: 'Dig.' },
    { name: 'house', status: 'skipped', found: 'not looked at, because of ground', because: 'ground' },
  ]);
});

test('a check that throws by mistake is a warning with what was thrown', async () => {
  const broken = check('broken', () => Promise.reject(new TypeError('x is undefined\nat y')));
  expect(await runChecks([broken], facts, () => {})).toMatchObject([
    { status: 'warn', found: 'TypeError: x is undefined' },
  ]);
});
