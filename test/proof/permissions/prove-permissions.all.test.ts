import { jest } from '@jest/globals';
import { proof } from './proof.ts';

jest.setTimeout(1_800_000);

test('every scenario works under the policies, every grant is needed, and all else is refused', async () => {
  const report = await proof();
  expect(report).toMatch(/\n(\d+) of \d+ grants are needed/);
  expect(report).toMatch(/\n\d{3} attempts, 0 not refused\n/);
});
