/** The main module of a process that proves a share of a part. Sends what comes out to its parent, as a `ProofMessage`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { whyNotExercised } from '../../permissions/exercised-by.ts';
import { grantsOf } from '../../permissions/explained-statement.ts';
import { parseShard } from '../faults/in-shards.ts';
import { describeCall, type NeededResult, tryWithout } from './needed.ts';
import { type ProofPart, RENDERER, WORKFLOW } from './proof-part.ts';
import type { ProvableMachine } from './provable-machine.ts';
import type { RefusedResult } from './refused.ts';
import { proveConditions } from './refused-conditions.ts';
import { runScenario, type ScenarioRun } from './run-scenario.ts';
import { whyTolerated } from './tolerated.ts';
import { callsOf } from './used-grants.ts';

/** What is there to be proved, in each process of a part. */
export interface PoliciesMessage {
  readonly type: 'policies';
  readonly grants: readonly { readonly name: string; readonly whyNotExercised: string | undefined }[];
  /** Statements without a reason. */
  readonly unexplained: readonly string[];
}

/** A scenario that was run with all grants. */
export interface ScenarioMessage {
  readonly type: 'scenario';
  readonly name: string;
  readonly failure: string | undefined;
  /** How many calls IAM decided meanwhile. */
  readonly calls: number;
  /** Calls outside of every grant, without those that do no harm. */
  readonly denied: readonly string[];
  /** Why the others that were denied do no harm. */
  readonly tolerated: readonly string[];
  /** Names of the grants that calls were allowed by. */
  readonly uses: readonly string[];
}

export interface RefusedMessage {
  readonly type: 'refused';
  readonly attempts: readonly RefusedResult[];
  readonly conditions: readonly RefusedResult[];
}

export type ProofMessage =
  | PoliciesMessage
  | ScenarioMessage
  | RefusedMessage
  | { readonly type: 'grant'; readonly result: NeededResult };

/** Names of scenarios that use a grant, by its name, in the order in which to try them without it. */
export type ScenariosOfGrants = Readonly<Record<string, readonly string[]>>;

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    shard: { type: 'string', default: '0/1' },
    /** Part of the names of scenarios and of grants. */
    only: { type: 'string', default: '' },
    /** A file with `ScenariosOfGrants`: grants are taken away. */
    without: { type: 'string' },
  },
});
const { index, count } = parseShard(values.shard);

/** This process's share of what was asked for. */
function ownOf<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return all
    .filter(({ name }) => name.includes(values.only))
    .filter((_, position) => position % count === index);
}

function send(message: ProofMessage): void {
  process.send?.(message);
}

async function prove<Machine extends ProvableMachine>(part: ProofPart<Machine>): Promise<void> {
  const machine = await part.start();
  try {
    if (values.without === undefined) await proveSufficient(part, machine);
    else await proveNeeded(part, machine, JSON.parse(readFileSync(values.without, 'utf8')));
  } finally {
    await machine.stop();
  }
}

async function proveSufficient<Machine extends ProvableMachine>(
  part: ProofPart<Machine>,
  machine: Machine,
): Promise<void> {
  const { policies, access } = machine;
  send({
    type: 'policies',
    grants: grantsOf(policies).map((grant) => ({
      name: grant.name,
      whyNotExercised: whyNotExercised(grant),
    })),
    unexplained: policies.statements
      .filter(({ why }) => why === undefined)
      .map(({ holder, statement }) => `${holder}: ${statement.Action}`),
  });
  for (const scenario of ownOf(part.scenarios))
    send(describeRun(machine, await runScenario(machine, scenario)));
  if (index > 0) return;
  const attempts: RefusedResult[] = [];
  for await (const attempt of part.refused(machine)) attempts.push(attempt);
  send({ type: 'refused', attempts, conditions: [...proveConditions(access, policies)] });
}

function describeRun<Machine extends ProvableMachine>(
  { policies }: Machine,
  { scenario, failure, calls }: ScenarioRun<Machine>,
): ScenarioMessage {
  const refused = calls.filter(({ decision }) => decision === 'Deny');
  return {
    type: 'scenario',
    name: scenario.name,
    failure: failure && policies.display(failure),
    calls: calls.length,
    denied: refused.filter((call) => !whyTolerated(call)).map(describeCall),
    tolerated: refused.map(whyTolerated).filter((why) => why !== undefined),
    uses: grantsOf(policies)
      .filter((grant) => callsOf(grant, calls).length > 0)
      .map(({ name }) => name),
  };
}

async function proveNeeded<Machine extends ProvableMachine>(
  part: ProofPart<Machine>,
  machine: Machine,
  scenariosOf: ScenariosOfGrants,
): Promise<void> {
  for (const grant of ownOf(grantsOf(machine.policies).filter((each) => !whyNotExercised(each)))) {
    const scenarios = (scenariosOf[grant.name] ?? []).flatMap((name) =>
      part.scenarios.filter((scenario) => scenario.name === name),
    );
    send({ type: 'grant', result: await tryWithout(machine, grant, scenarios) });
  }
}

// Without its parent the work is for nobody.
process.once('disconnect', () => process.exit(1));
// The workflow's functions run in this process, and Remotion's client prints what goes wrong.
Object.assign(console, { log() {}, warn() {}, error() {} });
await (values.part === RENDERER.name ? prove(RENDERER) : prove(WORKFLOW));
process.removeAllListeners('disconnect');
process.disconnect?.();
