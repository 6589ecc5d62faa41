import { parseArgs } from 'node:util';
import { UsageError } from '../cli/usage-error.ts';
import type { OneMachine } from '../local/one-machine.ts';
import { readExercisedBy, whyNotExercised, writeExercisedBy } from '../permissions/exercised-by.ts';
import { type Grant, grantsOf } from '../permissions/explained-statement.ts';
import { type NeededResult, proveNeeded, scenariosOf } from '../proof/permissions/needed.ts';
import { type ProofMachine, startProofMachine } from '../proof/permissions/proof-machine.ts';
import { describeNeeded, refusedTable } from '../proof/permissions/proof-report.ts';
import { proveRefused, type RefusedResult } from '../proof/permissions/refused.ts';
import { proveConditions } from '../proof/permissions/refused-conditions.ts';
import { type RendererMachine, startRendererMachine } from '../proof/permissions/renderer-machine.ts';
import { proveRefusedCalls } from '../proof/permissions/renderer-refused.ts';
import { RENDERER_SCENARIOS } from '../proof/permissions/renderer-scenarios.ts';
import { runScenario, type ScenarioRun } from '../proof/permissions/run-scenario.ts';
import type { Scenario } from '../proof/permissions/scenario.ts';
import { SCENARIOS } from '../proof/permissions/scenarios.ts';
import { whyTolerated } from '../proof/permissions/tolerated.ts';
import { TURN_SCENARIOS } from '../proof/permissions/turn-scenarios.ts';

const USAGE = `Shows on this machine that every grant is needed, that they suffice, and that all else is refused.

  npm run prove:permissions              all of it, with a real render
  npm run prove:permissions -- --fast    without the real render and without taking grants away
  npm run prove:permissions -- --only TEXT  only scenarios with the text in their names, and what is refused
  npm run prove:permissions -- --write   and keeps for "npm run permissions" which scenario shows each grant

Exit status: 0 proved; 1 not; 2 the command cannot be used.`;

/** What was not proved. */
const problems: string[] = [];

try {
  const { help, ...options } = parse(process.argv.slice(2));
  if (help) print(USAGE);
  else await main(options);
  process.exit(problems.length > 0 ? 1 : 0);
} catch (error) {
  process.stderr.write(
    error instanceof UsageError ? `${error.message}\n\n${USAGE}\n` : `${(error as Error).stack}\n`,
  );
  process.exit(error instanceof UsageError ? 2 : 1);
}

interface Options {
  readonly fast: boolean;
  readonly only?: string | undefined;
  readonly write: boolean;
}

async function main({ fast, only, write }: Options): Promise<void> {
  const scenarios = [...SCENARIOS, ...TURN_SCENARIOS].filter(({ name }) => name.includes(only ?? ''));
  if (scenarios.length === 0) throw new UsageError(`--only: no scenario has "${only}" in its name.`);
  const ofRenderer = !fast && only === undefined ? await proveRenderer() : {};
  // The functions run in this process, and Remotion's client prints what goes wrong.
  Object.assign(console, { log() {}, warn() {}, error() {} });
  const machine = await startProofMachine();
  try {
    const runs = await proveSufficient(machine, scenarios);
    if (only === undefined) {
      const exercised = proveNoneIdle(machine, runs);
      print('\n# Needed\n');
      if (!fast) {
        const exercisedBy = await proveEachNeeded(machine, runs);
        if (write) writeExercisedBy({ ...exercisedBy, ...ofRenderer });
      }
      proveKept(exercised, runs);
    }
    await proveAllElseRefused(machine);
  } finally {
    await machine.stop();
  }
  for (const problem of new Set(problems)) print(`✖ ${problem}`);
  print(problems.length === 0 ? '\n✔ Proved' : '\n✖ Not proved');
}

async function proveSufficient<Machine extends Pick<OneMachine, 'calls'>>(
  machine: Machine,
  scenarios: readonly Scenario<Machine>[],
): Promise<ScenarioRun<Machine>[]> {
  print('\n# Sufficient\n');
  const runs: ScenarioRun<Machine>[] = [];
  for (const scenario of scenarios) {
    const run = await runScenario(machine, scenario);
    runs.push(run);
    report(run.failure === undefined, scenario.name, run.failure);
  }
  reportDenied(runs.flatMap(({ calls }) => calls));
  return runs;
}

/** Returns the grants that the scenarios are to use. */
function proveNoneIdle<Machine>(
  { policies }: Pick<ProofMachine, 'policies'>,
  runs: readonly ScenarioRun<Machine>[],
): Grant[] {
  const exercised = grantsOf(policies).filter((grant) => !whyNotExercised(grant));
  const unused = exercised.filter((grant) => scenariosOf(grant, runs).length === 0);
  report(unused.length === 0, 'no grant without a call', unused.map(({ name }) => name).join('; '));
  const unexplained = policies.statements.filter(({ why }) => why === undefined);
  report(
    unexplained.length === 0,
    'no statement without a reason',
    unexplained.map(({ holder, statement }) => `${holder}: ${statement.Action}`).join('; '),
  );
  return exercised;
}

function proveKept(exercised: readonly Grant[], runs: readonly ScenarioRun[]): void {
  const kept = readExercisedBy();
  const stale = exercised.filter(
    (grant) => !scenariosOf(grant, runs).some(({ name }) => name === kept[grant.name]),
  );
  const names = stale.map(({ name }) => name).join('; ');
  report(stale.length === 0, 'each grant is used in the scenario that is kept for it', names);
}

/** Returns the scenario of each grant. */
async function proveEachNeeded<Machine extends Pick<ProofMachine, 'calls' | 'access' | 'policies'>>(
  machine: Machine,
  runs: readonly ScenarioRun<Machine>[],
): Promise<Record<string, string>> {
  const results: NeededResult[] = [];
  for await (const result of proveNeeded(machine, machine.policies, runs)) {
    results.push(result);
    print(describeNeeded(result, machine.policies.display));
    if (result.kind === 'not needed') problems.push(result.grant.name);
  }
  const needed = results.filter((result) => result.kind === 'needed');
  print(`\n${needed.length} of ${results.length} grants are needed, the others not exercised here`);
  return Object.fromEntries(needed.map(({ grant, scenario }) => [grant.name, scenario.name]));
}

async function proveAllElseRefused(machine: ProofMachine): Promise<void> {
  print('\n# Refused\n');
  const attempts: RefusedResult[] = [];
  for await (const result of proveRefused(machine, machine.policies)) attempts.push(result);
  print(refusedTable(attempts));
  const conditions = [...proveConditions(machine.access, machine.policies)];
  for (const { role, what, refused, answer } of conditions) report(refused, `${role}: ${what}`, answer);
  const allowed = [...attempts, ...conditions].filter(({ refused }) => !refused);
  problems.push(...allowed.map(({ role, what }) => `${role} may ${what}`));
  print(`\n${attempts.length + conditions.length} attempts, ${allowed.length} not refused`);
}

/** Returns the scenario of each grant of the renderer. */
async function proveRenderer(): Promise<Record<string, string>> {
  const machine = await startRendererMachine();
  try {
    const runs = await proveSufficient(machine, RENDERER_SCENARIOS);
    proveNoneIdle(machine, runs);
    print('\n# Needed by the renderer\n');
    const exercisedBy = await proveEachNeeded(machine, runs);
    await proveRefusedTo(machine);
    return exercisedBy;
  } finally {
    await machine.stop();
  }
}

async function proveRefusedTo(machine: RendererMachine): Promise<void> {
  print('\n# Refused to the renderer\n');
  const attempts = [...proveRefusedCalls(machine), ...proveConditions(machine.access, machine.policies)];
  for (const { role, what, refused, answer } of attempts) report(refused, `${role}: ${what}`, answer);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function reportDenied(calls: ScenarioRun['calls']): void {
  const refused = calls.filter(({ decision }) => decision === 'Deny');
  for (const why of new Set(refused.map(whyTolerated)))
    if (why) print(`- one refused and done without: ${why}`);
  const denied = refused.filter((call) => !whyTolerated(call));
  const what = denied
    .map(({ principal, action, resource }) => `${principal} ${action} ${resource}`)
    .join('; ');
  report(denied.length === 0, `${calls.length} calls, none outside a grant`, what);
}

function report(isTrue: boolean, what: string, otherwise = ''): void {
  print(`${isTrue ? '✔' : '✖'} ${what}${isTrue ? '' : `: ${otherwise}`}`);
  if (!isTrue) problems.push(`${what}: ${otherwise}`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        fast: { type: 'boolean', default: false },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
