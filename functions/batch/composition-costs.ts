import { createHash } from 'node:crypto';
import type { ExpectedCost } from '../../statemachine/batch-contract.ts';
import type { BatchStore } from './batch-store.ts';

/** Of a composition, the newest; older ones may be of an older composition. */
const KEPT = 200;

/** Name under which the costs of a composition are kept. */
export function compositionKey(composition: string, codec: string): string {
  return createHash('sha256').update(`${composition}\n${codec}`).digest('hex').slice(0, 16);
}

/** What the newest renders of a composition have cost, in USD; none where nothing is known. */
export async function readCosts(store: BatchStore, composition: string): Promise<number[]> {
  return (await store.readJson<number[]>(store.keys.costs(composition))) ?? [];
}

export async function addCosts(
  store: BatchStore,
  composition: string,
  costs: readonly number[],
): Promise<void> {
  const kept = [...(await readCosts(store, composition)), ...costs].slice(-KEPT);
  await store.writeJson(store.keys.costs(composition), kept);
}

/**
 * What rows will cost.
 *
 * @param rows How many there are of each composition, by its key.
 * @returns null where nothing is known of one of the compositions.
 */
export async function expectCost(
  store: BatchStore,
  rows: ReadonlyMap<string, number>,
): Promise<ExpectedCost | null> {
  const expected: ExpectedCost = { low: 0, high: 0, knownRenders: Number.POSITIVE_INFINITY };
  for (const [composition, count] of rows) {
    const costs = (await readCosts(store, composition)).sort((a, b) => a - b);
    if (costs.length === 0) return null;
    expected.low += count * percentile(costs, 0.1);
    expected.high += count * percentile(costs, 0.9);
    expected.knownRenders = Math.min(expected.knownRenders, costs.length);
  }
  return rows.size === 0 ? { low: 0, high: 0, knownRenders: 0 } : expected;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}
