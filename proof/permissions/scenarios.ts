import { BATCH_SCENARIOS } from './batch-scenarios.ts';
import { DELIVERY_SCENARIOS } from './delivery-scenarios.ts';
import { END_SCENARIOS } from './end-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { START_SCENARIOS } from './start-scenarios.ts';
import { TURN_SCENARIOS } from './turn-scenarios.ts';
import { WAYS_IN_SCENARIOS } from './ways-in-scenarios.ts';

/** All that the workflow offers, and all that its grants are for. */
export const SCENARIOS: readonly Scenario[] = [
  ...WAYS_IN_SCENARIOS,
  ...START_SCENARIOS,
  ...DELIVERY_SCENARIOS,
  ...END_SCENARIOS,
  ...BATCH_SCENARIOS,
  ...TURN_SCENARIOS,
];
