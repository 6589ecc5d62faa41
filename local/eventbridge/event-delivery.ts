import { AwsError, type Clock } from '../aws.ts';
import type { LocalEventRule, LocalRuleTarget } from '../cloud-assembly/local-stack.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Caller, ServicePrincipal } from '../iam/evaluate.ts';
import type { SqsService } from '../sqs/sqs-service.ts';

/** An event as rules and targets see it. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in UTC, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One call of a rule's target, which IAM has already allowed. */
export interface Delivery {
  readonly rule: LocalEventRule;
  readonly target: LocalRuleTarget;
  /** The rule's role, or EventBridge itself where the target has no role. */
  readonly caller: Caller;
  /** What the target gets: JSON text, usually the event. */
  readonly input: string;
  readonly event: EventEnvelope;
}

export interface DeliveryOptions {
  readonly access: Pick<AccessControl, 'assumeRole' | 'authorize'>;
  readonly sqs: Pick<SqsService, 'sendMessage'>;
  readonly clock: Clock;
  /** Calls the target. An AwsError of status 429 or 5xx is tried again, any other is final. */
  readonly deliver: (delivery: Delivery) => Promise<void>;
  /** Told of an event that is lost: no dead-letter queue, or it could not be reached. */
  readonly onLost: (message: string) => void;
}

const SERVICE = 'events.amazonaws.com';

/** Calls a target as its retry policy says, and sends the event to its dead-letter queue when that fails. */
export async function deliverEvent(
  rule: LocalEventRule,
  target: LocalRuleTarget,
  event: EventEnvelope,
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options;
  const giveUpAt = clock.now() + target.maximumEventAgeInSeconds * 1000;
  for (let retries = 0; ; retries++) {
    const failure = await attempt(rule, target, event, options);
    if (!failure) return;
    const waitInMs = Math.min(1000 * 2 ** retries, 60_000);
    const exhausted =
      retries >= target.maximumRetryAttempts
        ? 'MaximumRetryAttempts'
        : clock.now() + waitInMs > giveUpAt
          ? 'MaximumEventAgeInSeconds'
          : undefined;
    if (!failure.retriable || exhausted) {
      await sendToDeadLetterQueue(rule, target, event, options, {
        RULE_ARN: rule.arn,
        TARGET_ARN: target.arn,
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        ...(failure.retriable && exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
        RETRY_ATTEMPTS: String(retries),
      });
      return;
    }
    await clock.sleep(waitInMs, signal);
  }
}

/** The permission that calling a target needs, or undefined for a kind of target that is not supported. */
export function actionOf(targetArn: string): string | undefined {
  if (/^arn:aws:states:[^:]*:[^:]*:stateMachine:/.test(targetArn)) return 'states:StartExecution';
  if (/^arn:aws:lambda:[^:]*:[^:]*:function:/.test(targetArn)) return 'lambda:InvokeFunction';
  if (/^arn:aws:sqs:/.test(targetArn)) return 'sqs:SendMessage';
  return undefined;
}

interface Failure {
  /** As EventBridge names it in the dead letter's `ERROR_CODE`. */
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
}

async function attempt(
  rule: LocalEventRule,
  target: LocalRuleTarget,
  event: EventEnvelope,
  { access, deliver }: DeliveryOptions,
): Promise<Failure | undefined> {
  const service: ServicePrincipal = { kind: 'service', service: SERVICE, sourceArn: rule.arn };
  let caller: Caller = service;
  try {
    if (target.roleArn) caller = access.assumeRole(target.roleArn, service);
  } catch (error) {
    return { code: 'FAILED_TO_ASSUME_ROLE', message: messageOf(error), retriable: false };
  }
  try {
    access.authorize(caller, { action: actionOf(target.arn) ?? '', resource: target.arn });
    await deliver({ rule, target, caller, event, input: inputOf(target, event) });
    return undefined;
  } catch (error) {
    return describeFailure(error);
  }
}

function describeFailure(error: unknown): Failure {
  const { code, status } = error instanceof AwsError ? error : { code: 'InternalFailure', status: 500 };
  const name = /AccessDenied/.test(code)
    ? 'NO_PERMISSIONS'
    : /NotFound|DoesNotExist/.test(code)
      ? 'NO_RESOURCE'
      : /AlreadyExists/.test(code)
        ? 'RESOURCE_ALREADY_EXISTS'
        : /LimitExceeded/.test(code)
          ? 'RESOURCE_LIMIT_EXCEEDED'
          : status === 429 || /Throttl|TooManyRequests/.test(code)
            ? 'THROTTLING'
            : status >= 500
              ? 'INTERNAL_ERROR'
              : 'INVALID_PARAMETER';
  const retriable = ['RESOURCE_LIMIT_EXCEEDED', 'THROTTLING', 'INTERNAL_ERROR'].includes(name);
  return { code: name, message: messageOf(error), retriable };
}

function inputOf({ input, inputPath }: LocalRuleTarget, event: EventEnvelope): string {
  if (input !== undefined) return input;
  const path = (inputPath ?? '$').split('.').slice(1);
  const part = path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    event,
  );
  return JSON.stringify(part ?? {});
}

async function sendToDeadLetterQueue(
  rule: LocalEventRule,
  target: LocalRuleTarget,
  event: EventEnvelope,
  { access, sqs, onLost }: DeliveryOptions,
  attributes: Record<string, string>,
): Promise<void> {
  const lost = (why: string): void =>
    onLost(`Event ${event.id} of rule ${rule.name} is lost (${attributes.ERROR_MESSAGE}): ${why}`);
  const queueArn = target.deadLetterQueueArn;
  if (!queueArn) return lost('the target has no dead-letter queue');
  try {
    const service: ServicePrincipal = { kind: 'service', service: SERVICE, sourceArn: rule.arn };
    access.authorize(service, { action: 'sqs:SendMessage', resource: queueArn });
    await sqs.sendMessage(queueArn, JSON.stringify(event), attributes);
  } catch (error) {
    lost(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
