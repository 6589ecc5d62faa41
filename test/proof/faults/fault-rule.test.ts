import { nameOfCell, parseCell } from '../../../proof/faults/cell.ts';
import { type FaultKind, faultsOf, type ObservedCall } from '../../../proof/faults/fault-kind.ts';
import { faultsByRule } from '../../../proof/faults/fault-rule.ts';
import { seededRandom } from '../../../proof/faults/seeded-random.ts';
import { faultTable } from '../../../proof/faults/table.ts';

const copy: ObservedCall = { caller: 'CopyToBucket', name: 'HeadObject output', way: 's3' };

function happens(nth: number | 'every', calls: number): (FaultKind | undefined)[] {
  const fault = faultsByRule([{ caller: copy.caller, name: copy.name, kind: 'throttled', nth }]);
  return Array.from({ length: calls }, () => fault(copy));
}

describe('a fault rule', () => {
  test('means the n-th call of its caller and name', () => {
    expect(happens(2, 3)).toEqual([undefined, 'throttled', undefined]);
  });
  test('means every call where it says so', () => {
    expect(happens('every', 2)).toEqual(['throttled', 'throttled']);
  });
  test('does not count the calls of others', () => {
    const fault = faultsByRule([{ caller: copy.caller, name: copy.name, kind: 'throttled', nth: 1 }]);
    expect(fault({ ...copy, caller: 'StartRender' })).toBeUndefined();
    expect(fault(copy)).toBe('throttled');
  });
});

describe('the faults that can reach a call', () => {
  test.each<[ObservedCall['name'], ObservedCall['way'], FaultKind, boolean]>([
    ['PutObject claim (If-None-Match)', 's3', 'precondition-failed', true],
    ['PutObject cancel.json', 's3', 'precondition-failed', false],
    ['GetObject progress.json', 's3', 'truncated', true],
    ['HeadObject output', 's3', 'truncated', false],
    ['CopyObject destination', 's3', 'error-in-200', true],
    ['Invoke Remotion', 'lambda', 'late-effect', true],
    ['CopyToBucket', 'invocation', 'timed-out', true],
    ['StartExecution', 'delivery', 'error-after', true],
    ['StartExecution', 'delivery', 'killed-before', false],
  ])('%s (%s): %s %s', (name, way, kind, reaches) => {
    expect(faultsOf({ name, way }).includes(kind)).toBe(reaches);
  });
  test('are none that kill Step Functions, which calls by itself', () => {
    const read = { name: "GetObject rows' requests", way: 's3' } as const;
    expect(faultsOf(read)).toContain('killed-after');
    expect(faultsOf({ ...read, caller: 'Step Functions' })).not.toContain('killed-after');
    expect(faultsOf({ ...read, caller: 'Step Functions' })).toContain('internal-error');
  });
});

describe('a cell', () => {
  test.each([
    'delivered',
    'delivered | StartRender → Invoke Remotion | connection reset after the call took effect | first',
  ])('is made again from its name: %s', (name) => {
    expect(nameOfCell(parseCell(name))).toBe(name);
  });
  test('is refused by name where there is none', () => {
    expect(() => parseCell('delivered | StartRender → Invoke Remotion | earthquake | first')).toThrow(
      '"delivered | StartRender → Invoke Remotion | earthquake | first" is not the name of a cell.',
    );
  });
});

test('the same seed gives the same numbers from 0 up to 1', () => {
  const numbers = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed));
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  expect(Math.min(...numbers(7))).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers(7))).toBeLessThan(1);
});

test('the table has a row for each call and fault, and shows what is broken', () => {
  const call = 'delivered | CopyToBucket → HeadObject output | throttled';
  const result = { outcome: 'SUCCEEDED', render: 'finished', redriven: '-', repeated: 'SUCCEEDED' };
  const table = faultTable([
    { ...result, cell: 'delivered', problems: [] },
    { ...result, cell: `${call} | first`, problems: [] },
    {
      ...result,
      cell: `${call} | every`,
      outcome: 'VideoNotCopied',
      repeated: 'RenderFailed',
      problems: ['2 renders'],
    },
  ]);
  expect(table).toContain('## Delivered\n\nWithout a further fault: `SUCCEEDED`.\n');
  expect(table).toContain(
    '| CopyToBucket → HeadObject output | throttled | `SUCCEEDED` |  | `VideoNotCopied`, sent again `RenderFailed` **2 renders** |',
  );
});
