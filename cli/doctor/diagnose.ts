import { connect } from '../connect.ts';
import { ALL_CHECKS, renderCheck } from './all-checks.ts';
import type { CheckResult } from './check.ts';
import { createDoctorClients } from './doctor-clients.ts';
import { runChecks } from './run-checks.ts';
import { type DoctorOptions, WorkflowFacts } from './workflow-facts.ts';

export interface DiagnoseOptions extends DoctorOptions {
  /** Also renders a frame. */
  readonly render?: boolean;
}

/**
 * Makes all checks of a workflow and tells their results, in their order, as they come.
 *
 * @throws UsageError when the ARN of the state machine is none
 */
export async function diagnose(
  options: DiagnoseOptions,
  tell: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const clients = await createDoctorClients(connect(options));
  const checks = ALL_CHECKS.filter((check) => options.render || check !== renderCheck);
  return runChecks(checks, new WorkflowFacts(clients, options), tell);
}
