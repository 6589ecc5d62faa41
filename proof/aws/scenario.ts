import type { Verification } from './verification.ts';

/** Something that the workflow is said to do, tried on a deployed stack. */
export interface Scenario {
  readonly name: string;
  /**
   * @param jobId a job that no other scenario has
   * @returns what was seen, in a few words
   * @throws Skipped where it cannot be tried; Error with what is wrong
   */
  run(on: Verification, jobId: string): Promise<string>;
}

/** Says why a scenario cannot be tried. */
export class Skipped extends Error {}
