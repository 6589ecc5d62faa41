import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../cli/usage-error.ts';
import { type ExercisedBy, readExercisedBy } from '../../permissions/exercised-by.ts';
import { inShards } from '../faults/in-shards.ts';
import type { NeededResult } from './needed.ts';
import { RENDERER, WORKFLOW } from './proof-part.ts';
import type { ProofReport } from './proof-report.ts';
import type {
  PoliciesMessage,
  ProofMessage,
  RefusedMessage,
  ScenarioMessage,
  ScenariosOfGrants,
} from './proof-worker.ts';

const WORKER = join(import.meta.dirname, 'proof-worker.ts');

export interface ProofOptions {
  /** Without the renderer, and without taking grants away. */
  readonly fast: boolean;
  /** Part of the names of scenarios and of grants: only those. */
  readonly only?: string | undefined;
  /** The scenarios that it returns are to be kept, in place of those that are. */
  readonly write: boolean;
}

/**
 * Proves the policies, in processes that have a machine each: that the grants suffice, that each is needed, and
 * that all else is refused.
 *
 * @returns The scenario that fails without each grant, by the grant's name.
 * @throws UsageError when nothing has the text of `only` in its name.
 */
export async function prove(report: ProofReport, { fast, only, write }: ProofOptions): Promise<ExercisedBy> {
  const kept = readExercisedBy();
  const parts = [WORKFLOW, ...(fast ? [] : [RENDERER])]
    .filter(({ scenarios }) => only === undefined || isMeant(only, scenarios, kept))
    .map(({ name }) => new PartProof(name, only));
  if (parts.length === 0) throw new UsageError(`--only: no scenario and no grant has "${only}" in its name.`);

  report.heading('Sufficient');
  await Promise.all(parts.map((part) => part.run((run) => report.scenario(run))));
  const runs = parts.flatMap((part) => part.runs);
  report.calls(runs);
  const used = usersOf(runs);
  if (only === undefined) reportIdle(report, parts, used);

  const results: NeededResult[] = [];
  if (!fast && parts.some((part) => part.grants.length > 0)) {
    report.heading('Needed');
    const onResult = (result: NeededResult) => {
      results.push(result);
      report.needed(result);
    };
    await withFile(JSON.stringify(keptFirst(kept, used)), (file) =>
      Promise.all(parts.map((part) => part.runWithout(file, onResult))),
    );
    report.notExercised(
      parts.flatMap(({ grants }) => grants),
      results,
    );
  }
  const needed = results.filter((result) => result.kind === 'needed');
  const exercisedBy = Object.fromEntries(needed.map(({ grant, scenario }) => [grant, scenario]));
  if (only === undefined && !write) {
    const isShown = (grant: string) =>
      fast ? used[grant]?.includes(kept[grant] ?? '') : exercisedBy[grant] === kept[grant];
    const stale = exercisedOf(parts).filter((grant) => !isShown(grant));
    report.claim(
      stale.length === 0,
      'each grant is used in the scenario that is kept for it',
      stale.join('; '),
    );
  }

  for (const { name, refused } of parts) {
    report.heading(name === RENDERER.name ? 'Refused to the renderer' : 'Refused');
    if (refused) report.refused(refused);
  }
  return exercisedBy;
}

/** What the processes of a part tell. */
class PartProof {
  readonly name: string;
  readonly runs: ScenarioMessage[] = [];
  policies: PoliciesMessage | undefined;
  refused: RefusedMessage | undefined;
  readonly #only: string;
  readonly #options: readonly string[];

  constructor(name: string, only = '') {
    this.name = name;
    this.#only = only;
    this.#options = ['--part', name, '--only', only];
  }

  /** Those that are asked for. */
  get grants(): PoliciesMessage['grants'] {
    return (this.policies?.grants ?? []).filter(({ name }) => name.includes(this.#only));
  }

  /** Runs the scenarios, and has everything tried that is to be refused. */
  async run(onRun: (run: ScenarioMessage) => void): Promise<void> {
    await inShards<ProofMessage>(WORKER, this.#options, (message) => {
      if (message.type === 'policies') this.policies = message;
      if (message.type === 'refused') this.refused = message;
      if (message.type !== 'scenario') return;
      this.runs.push(message);
      onRun(message);
    });
  }

  /** Takes the grants away one by one. */
  async runWithout(scenariosOfGrants: string, onResult: (result: NeededResult) => void): Promise<void> {
    if (this.grants.every(({ whyNotExercised }) => whyNotExercised)) return;
    await inShards<ProofMessage>(WORKER, [...this.#options, '--without', scenariosOfGrants], (message) => {
      if (message.type === 'grant') onResult(message.result);
    });
  }
}

/** Whether a part has scenarios of that name, or grants that they are kept for. */
function isMeant(only: string, scenarios: readonly { readonly name: string }[], kept: ExercisedBy): boolean {
  return scenarios.some(
    ({ name }) =>
      name.includes(only) ||
      Object.entries(kept).some(([grant, scenario]) => scenario === name && grant.includes(only)),
  );
}

/** The scenarios that use each grant. */
function usersOf(runs: readonly ScenarioMessage[]): Record<string, string[]> {
  const users: Record<string, string[]> = {};
  for (const { name, uses } of runs) for (const grant of uses) users[grant] = [...(users[grant] ?? []), name];
  return users;
}

/** The scenario that has failed without the grant before, then the others that use it. */
function keptFirst(kept: ExercisedBy, used: ScenariosOfGrants): ScenariosOfGrants {
  const grants = new Set([...Object.keys(kept), ...Object.keys(used)]);
  const inOrder = (grant: string) => [
    ...new Set([kept[grant], ...(used[grant] ?? [])].filter((name) => name !== undefined)),
  ];
  return Object.fromEntries([...grants].map((grant) => [grant, inOrder(grant)]));
}

function exercisedOf(parts: readonly PartProof[]): string[] {
  return parts.flatMap(({ grants }) =>
    grants.filter(({ whyNotExercised }) => !whyNotExercised).map(({ name }) => name),
  );
}

function reportIdle(report: ProofReport, parts: readonly PartProof[], used: ScenariosOfGrants): void {
  const unused = exercisedOf(parts).filter((grant) => !used[grant]);
  report.claim(unused.length === 0, 'no grant without a call', unused.join('; '));
  const unexplained = parts.flatMap(({ policies }) => policies?.unexplained ?? []);
  report.claim(unexplained.length === 0, 'no statement without a reason', unexplained.join('; '));
}

async function withFile(content: string, use: (file: string) => Promise<unknown>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'permissions-'));
  try {
    const file = join(folder, 'scenarios-of-grants.json');
    writeFileSync(file, content);
    await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
