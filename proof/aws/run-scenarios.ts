import { BATCH_SCENARIOS } from './batch-scenarios.ts';
import { COPY_SCENARIOS } from './copy-scenarios.ts';
import { RENDER_SCENARIOS } from './render-scenarios.ts';
import { type Scenario, Skipped } from './scenario.ts';
import { STOP_SCENARIOS } from './stop-scenarios.ts';
import { TURN_SCENARIOS } from './turn-scenarios.ts';
import type { Verification } from './verification.ts';

/** All scenarios, in the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  ...RENDER_SCENARIOS,
  ...COPY_SCENARIOS,
  ...STOP_SCENARIOS,
  ...TURN_SCENARIOS,
  ...BATCH_SCENARIOS,
];

/** What came of a scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** What was seen, or what is wrong. */
  readonly seen: string;
  readonly seconds: number;
}

/** Runs scenarios one after the other. @param signal begins no other one */
export async function runScenarios(
  on: Verification,
  scenarios: readonly Scenario[],
  tell: (result: ScenarioResult) => void = () => {},
  signal?: AbortSignal,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    if (signal?.aborted) break;
    const begin = Date.now();
    const outcome = await run(scenario, on, on.newJob());
    const result = { name: scenario.name, ...outcome, seconds: Math.round((Date.now() - begin) / 1000) };
    results.push(result);
    tell(result);
  }
  return results;
}

async function run(
  scenario: Scenario,
  on: Verification,
  jobId: string,
): Promise<Pick<ScenarioResult, 'status' | 'seen'>> {
  try {
    return { status: 'ok', seen: await scenario.run(on, jobId) };
  } catch (error) {
    const { name, message } = error as Error;
    if (error instanceof Skipped) return { status: 'skipped', seen: message };
    return { status: 'failed', seen: name === 'Error' ? message : `${name}: ${message}` };
  }
}
