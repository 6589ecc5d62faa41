import { NotAsked } from './not-asked.ts';
import type { WorkflowFacts } from './workflow-facts.ts';

/** What a check has found, as a phrase without a full stop. */
export interface Finding {
  /** `warn`: renders work, and something is not as it should be. `fail`: renders fail, or what must not be is. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** The one thing to do about it. */
  readonly remedy?: string;
}

/** A check whose answer could not be had. */
export interface Skipped {
  readonly status: 'skipped';
  readonly found: string;
  /** The permission that the role lacks, as policies spell it. */
  readonly needs?: string;
  /** Name of the check that failed and on which this one stands. */
  readonly because?: string;
}

export type CheckResult = { readonly name: string } & (Finding | Skipped);

/** One thing that has to be right for renders to work. */
export interface Check {
  readonly name: string;
  /** What it looks at, as a sentence for `docs/doctor.md`. */
  readonly about: string;
  /** Actions that the caller's role needs for it, beside those of the checks on which all others stand. */
  readonly permissions: readonly string[];
  /** Without it nothing else can be looked at. */
  readonly first?: true;
  /** In seconds. @default 20 */
  readonly limitInSeconds?: number;
  /** @throws NotAsked; any error of the SDK, such as `AccessDenied` */
  run(facts: WorkflowFacts): Promise<Finding>;
}

export function ok(found: string): Finding {
  return { status: 'ok', found };
}

export function warn(found: string, remedy: string): Finding {
  return { status: 'warn', found, remedy };
}

export function fail(found: string, remedy: string): Finding {
  return { status: 'fail', found, remedy };
}

/** One finding of several: the worst ones, with the remedy of the first of them. */
export function worstOf(findings: readonly Finding[]): Finding {
  const status = (['fail', 'warn', 'ok'] as const).find((each) =>
    findings.some((finding) => finding.status === each),
  );
  const [first, ...more] = findings.filter((finding) => finding.status === status);
  if (!first) throw new NotAsked('there is nothing to look at');
  return { ...first, found: [...new Set([first, ...more].map(({ found }) => found))].join('; ') };
}
