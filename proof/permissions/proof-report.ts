import type { NeededResult } from './needed.ts';
import type { PoliciesMessage, RefusedMessage, ScenarioMessage } from './proof-worker.ts';
import type { RefusedResult } from './refused.ts';

/** Prints what is proved and keeps what is not. */
export class ProofReport {
  /** What was not proved. */
  readonly problems: string[] = [];
  readonly #print: (text: string) => void;

  /** @param print gets one line or more at a time */
  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  heading(text: string): void {
    this.#print(`\n# ${text}\n`);
  }

  /** @param otherwise what is wrong where it is not true */
  claim(isTrue: boolean, what: string, otherwise = ''): void {
    this.#print(`${isTrue ? '✔' : '✖'} ${what}${isTrue ? '' : `: ${otherwise}`}`);
    if (!isTrue) this.problems.push(`${what}: ${otherwise}`);
  }

  scenario({ name, failure }: ScenarioMessage): void {
    this.claim(failure === undefined, name, failure);
  }

  /** What the scenarios have asked of IAM. */
  calls(runs: readonly ScenarioMessage[]): void {
    for (const why of new Set(runs.flatMap(({ tolerated }) => tolerated)))
      this.#print(`- one refused and done without: ${why}`);
    const calls = runs.reduce((sum, run) => sum + run.calls, 0);
    const denied = runs.flatMap((run) => run.denied);
    this.claim(denied.length === 0, `${calls} calls, none outside a grant`, denied.join('; '));
  }

  /** A grant that was taken away. */
  needed(result: NeededResult): void {
    if (result.kind === 'needed') {
      this.#print(`✔ ${result.grant}`);
      this.#print(`    without it, ${result.scenario}: ${result.failure}`);
      this.#print(`    AccessDenied: ${result.denied}`);
    } else {
      this.#print(`✖ ${result.grant}\n    every scenario works without it`);
      this.problems.push(`${result.grant}: every scenario works without it`);
    }
  }

  /** Which grants were not taken away, and how many were needed of those that were. */
  notExercised(grants: PoliciesMessage['grants'], results: readonly NeededResult[]): void {
    for (const { name, whyNotExercised } of grants)
      if (whyNotExercised) this.#print(`- ${name}\n    not exercised here: ${whyNotExercised}`);
    const needed = results.filter(({ kind }) => kind === 'needed').length;
    this.#print(`\n${needed} of ${grants.length} grants are needed, the others not exercised here`);
  }

  refused({ attempts, conditions }: RefusedMessage): void {
    this.#print(refusedTable(attempts));
    for (const { role, what, refused, answer } of conditions) this.claim(refused, `${role}: ${what}`, answer);
    const allowed = [...attempts, ...conditions].filter(({ refused }) => !refused);
    this.problems.push(...allowed.map(({ role, what }) => `${role} may ${what}`));
    this.#print(`\n${attempts.length + conditions.length} attempts, ${allowed.length} not refused`);
  }

  end(): void {
    for (const problem of new Set(this.problems)) this.#print(`✖ ${problem}`);
    this.#print(this.problems.length === 0 ? '\n✔ Proved' : '\n✖ Not proved');
  }
}

/** A table of attempts and roles: `refused`, or what the role was answered; empty where it is the role's step. */
function refusedTable(results: readonly RefusedResult[]): string {
  const roles = [...new Set(results.map(({ role }) => role))];
  const attempts = [...new Set(results.map(({ what }) => what))];
  const cell = (what: string, role: string): string => {
    const result = results.find((each) => each.what === what && each.role === role);
    if (!result) return '';
    return result.refused ? 'refused' : `✖ ${result.answer}`;
  };
  const rows = attempts.map((what) => [what, ...roles.map((role) => cell(what, role))]);
  const widths = ['attempt', ...roles].map((head, i) =>
    Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(['attempt', ...roles]), rule, ...rows.map(line)].join('\n');
}
