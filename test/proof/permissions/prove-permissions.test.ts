import { proof } from './proof.ts';

test('a render and a stopped execution work under the policies, and all else is refused', async () => {
  const report = await proof('--only', 'an execution');
  expect(report).toContain('✔ a render that an execution asks for');
  expect(report).toContain('✔ an execution that is stopped');
  expect(report).toMatch(/\n\d{3} attempts, 0 not refused\n/);
});
