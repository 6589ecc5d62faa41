import type { RenderRequest } from './contract.ts';
import { WorkflowError } from './errors.ts';
import { jobIdSchema, renderRequestSchema } from './render-request-schema.ts';

interface Issue {
  readonly code?: string | undefined;
  readonly expected?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** Fields whose value helps the person who reads the error; all others may hold private data. */
const SHOWN_FIELDS =
  /^(jobId|size|priority|maxCostInUsd|destination|destination\..+|render|render\.(serveUrl|composition|codec|inputPropsUri)|batchId|items|maxConcurrentRenders|toleratedFailurePercentage|stopping|sample|dryRun)$/;

/**
 * Checks a request, and the job that it is for.
 *
 * @throws WorkflowError `InvalidRenderRequest`, whose message names every wrong field, what was given and
 * what is accepted.
 */
export function parseRenderRequest(request: unknown, jobId: unknown): RenderRequest & { jobId: string } {
  const problems = requestProblems(request, jobId);
  if (problems.length > 0) throw invalidRenderRequest(problems);
  return { ...(request as RenderRequest), jobId: jobId as string };
}

/** A line for every wrong field of a request, and for the job that it is for: as `describeField` has it. */
export function requestProblems(request: unknown, jobId: unknown): string[] {
  const parsedRequest = renderRequestSchema.safeParse(request);
  const parsedJobId = jobIdSchema.safeParse(jobId);
  const problems = describeIssues(parsedRequest.error?.issues, request);
  if (!parsedJobId.success && !problems.some((problem) => problem.startsWith('jobId:'))) {
    problems.push(...parsedJobId.error.issues.map((issue) => describeField('jobId', jobId, issue.message)));
  }
  return problems;
}

/** An `InvalidRenderRequest` that says each problem in a line of its own. */
export function invalidRenderRequest(problems: readonly string[]): WorkflowError {
  return new WorkflowError(
    'InvalidRenderRequest',
    `${['The request is not valid; no render was started.', ...problems].join('\n')}`,
  );
}

/** One line about a wrong field: `render.codec: given "h266"; accepted: one of h264, h265`. */
export function describeField(field: string, given: unknown, accepted: string): string {
  return `${field}: given ${showValue(field, given)}; accepted: ${accepted}`;
}

/** A line for each thing that a schema does not take in a value. */
export function describeIssues(issues: readonly object[] | undefined, value: unknown): string[] {
  return (issues ?? []).flatMap((issue) => describe(issue as Issue, value));
}

function describe(issue: Issue, request: unknown): string[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => {
      const unknownField = field === '' ? key : `${field}.${key}`;
      return `${unknownField}: not a field of a request; accepted: ${issue.message}`;
    });
  }
  const given = valueAt(request, issue.path);
  // The message of a field that no request may have is not a list of what it may be.
  if (issue.expected === 'never') return [`${field}: given ${showValue(field, given)}; ${issue.message}`];
  return [describeField(field === '' ? 'request' : field, given, issue.message)];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function showValue(field: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (!SHOWN_FIELDS.test(field)) return `a ${typeof value}`;
  // A query string may hold a signature.
  const shown = JSON.stringify(value).replace(/\?[^"]*/, '?…');
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}
