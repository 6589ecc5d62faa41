import fc from 'fast-check';
import { MAX_PARTS, partRanges, planCopy } from '../../../functions/copy-to-bucket/copy-plan.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

describe('a copy is planned so that', () => {
  test('a small video is copied in one go', () => {
    expect(planCopy(0)).toEqual({ concurrency: 1 });
    expect(planCopy(64 * MIB)).toEqual({ concurrency: 1 });
  });

  test.each([
    ['just above', 64 * MIB + 1, 8, 9],
    ['1 GiB', GIB, 43, 24],
    ['5 GiB', 5 * GIB, 64, 24],
    ['1 TiB', 1024 * GIB, 105, 24],
  ])('%s is copied in parts, several at once', (_size, bytes, partSizeInMib, concurrency) => {
    expect(planCopy(bytes)).toEqual({ partSize: partSizeInMib * MIB, concurrency });
  });

  test('5 GiB are done in a fifth of the 15 minutes even when each part gets only 2 MB/s', () => {
    const { partSize = 0, concurrency } = planCopy(5 * GIB);
    const rounds = Math.ceil((5 * GIB) / partSize / concurrency);
    expect((rounds * partSize) / 2e6).toBeLessThanOrEqual((15 * 60) / 5);
  });

  test('every video is covered by parts that S3 takes, none twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64 * MIB + 1, max: 48 * 1024 * GIB }), (size) => {
        const { partSize = 0, concurrency } = planCopy(size);
        const ranges = partRanges(size, partSize);
        expect(ranges.length).toBeLessThanOrEqual(MAX_PARTS);
        expect(ranges.length).toBeGreaterThanOrEqual(concurrency);
        expect(partSize).toBeGreaterThanOrEqual(5 * MIB);
        expect(partSize).toBeLessThanOrEqual(5 * GIB);
        expect(ranges[0]).toMatchObject({ partNumber: 1, first: 0 });
        expect(ranges.at(-1)?.last).toBe(size - 1);
        expect(ranges.every(({ first }, i) => i === 0 || first === (ranges[i - 1]?.last ?? 0) + 1)).toBe(
          true,
        );
      }),
      { numRuns: 50 },
    );
  });
});
