import { setTimeout as sleep } from 'node:timers/promises';
import { describeAwsProblem, isAccessDenied, isAwsProblem } from '../aws-problem.ts';
import type { CallDetails } from '../render-clients.ts';
import { UsageError } from '../usage-error.ts';
import type { Check, CheckResult, Finding, Skipped } from './check.ts';
import { NotAsked } from './not-asked.ts';
import type { WorkflowFacts } from './workflow-facts.ts';

/** Checks at the same time: enough that none waits long, too few to be throttled. */
const AT_ONCE = 6;

const LIMIT_IN_SECONDS = 20;

/** Actions that have another name than the SDK's operation. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
};

/**
 * Makes the checks, several at once, and tells each result in their order. What the role may not ask is skipped, and
 * so is all when one of the first fails.
 */
export async function runChecks(
  checks: readonly Check[],
  facts: WorkflowFacts,
  tell: (result: CheckResult) => void,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  let obstacle: string | undefined;
  for (const check of checks.filter(({ first }) => first)) {
    const result: CheckResult = obstacle ? notWithout(check, obstacle) : await runCheck(check, facts);
    if (result.status === 'fail') obstacle ??= check.name;
    tell(result);
    results.push(result);
  }
  const others = checks.filter(({ first }) => !first);
  const running = inLanes(
    others.map((check) => async () => (obstacle ? notWithout(check, obstacle) : runCheck(check, facts))),
  );
  for (const each of running) {
    const result = await each;
    tell(result);
    results.push(result);
  }
  return results;
}

/** Starts a task when the one before it in its lane has ended. */
function inLanes<T>(tasks: readonly (() => Promise<T>)[]): Promise<T>[] {
  const started: Promise<T>[] = [];
  for (const [i, task] of tasks.entries())
    started.push(i < AT_ONCE ? task() : (started[i - AT_ONCE] as Promise<T>).then(task));
  return started;
}

function notWithout({ name }: Check, obstacle: string): CheckResult {
  return { name, status: 'skipped', found: `not looked at, because of ${obstacle}`, because: obstacle };
}

async function runCheck(check: Check, facts: WorkflowFacts): Promise<CheckResult> {
  const { name, limitInSeconds = LIMIT_IN_SECONDS } = check;
  const timer = new AbortController();
  const late = sleep(limitInSeconds * 1000, undefined, { signal: timer.signal }).then(
    (): Finding => ({
      status: 'warn',
      found: `no answer within ${limitInSeconds} seconds`,
      remedy: 'Run it again; look at the network, or what is slow.',
    }),
  );
  late.catch(() => {});
  try {
    return { name, ...(await Promise.race([check.run(facts), late])) };
  } catch (error) {
    return { name, ...explain(error as Error & Partial<CallDetails>, check) };
  } finally {
    timer.abort();
  }
}

function explain(error: Error & Partial<CallDetails>, { first, permissions }: Check): Finding | Skipped {
  const own = OTHER_NAMES[error.action ?? ''] ?? error.action ?? 'a permission';
  const action = permissions.length === 1 ? (permissions[0] as string) : own;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  if (error instanceof NotAsked) return { status: 'skipped', found: error.message };
  // What cannot be known without the state machine; its own check has said so.
  if (error instanceof UsageError) {
    const [found = '', ...rest] = error.message.split(/(?<=\.) (?=Is it|Give)/);
    return { status: 'fail', found: withoutStop(found), remedy: rest.join(' ').replaceAll('\n- ', ' ') };
  }
  if (isAccessDenied(error)) {
    const needs = /not authorized to perform: ([\w:]+)/.exec(error.message)?.[1] ?? action;
    return { status: 'skipped', found: `this shell's role lacks ${needs}`, needs };
  }
  if (error.endpoint && ($metadata?.httpStatusCode === 501 || error.name === 'UnknownOperationException'))
    return { status: 'skipped', found: `not answered at ${error.endpoint}: ${action}` };
  const [found = '', remedy = 'Run it again.'] = (
    isAwsProblem(error) ? describeAwsProblem(error) : `${error.name}: ${error.message.split('\n', 1)[0]}`
  ).split('\nWhat to do: ');
  return { status: first ? 'fail' : 'warn', found: withoutStop(found), remedy };
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
