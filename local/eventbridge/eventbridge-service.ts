import { randomUUID } from 'node:crypto';
import {
  type Authorization,
  AwsError,
  type AwsRequest,
  LOCAL_ACCOUNT_ID,
  LOCAL_REGION,
  type LocalService,
} from '../aws.ts';
import type { LocalEventRule } from '../cloud-assembly/local-stack.ts';
import { isJsonObjectText } from '../stepfunctions/is-json-object-text.ts';
import { answerAboutRules, busName, type RuleQuestion, ruleAuthorization } from './describe-rules.ts';
import { actionOf, type DeliveryOptions, deliverEvent, type EventEnvelope } from './event-delivery.ts';
import { compileEventPattern, UnsupportedEventPattern } from './event-pattern.ts';
import { scheduleRate } from './schedule-rate.ts';

/** An event that an AWS service publishes, such as `Step Functions Execution Status Change`. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources?: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** EventBridge behind the gateway (PutEvents, and what there is to know of rules), and in process for services that publish events. */
export interface EventBridgeService extends LocalService {
  /** Publishes a service's event on the default bus. */
  publish(event: ServiceEvent): void;
  /** Sends the event of every rule with a schedule, as time would. */
  runSchedules(): void;
  /** Resolves when no delivery is under way. */
  idle(): Promise<void>;
  /** Ends deliveries that wait for their next attempt. */
  stop(): Promise<void>;
}

export interface EventBridgeServiceOptions extends DeliveryOptions {
  /** The stack's own buses; the `default` bus exists besides. */
  readonly busNames: readonly string[];
  readonly rules: readonly LocalEventRule[];
  /** Whether time alone makes rules with a schedule send events. @default true */
  readonly runsSchedules?: boolean;
}

interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly Resources?: string[];
  /** Seconds since 1970. */
  readonly Time?: number;
}

const MAXIMUM_REQUEST_IN_BYTES = 1024 * 1024;

/**
 * EventBridge with the rules of the template. Throws UnsupportedEventPattern for a pattern or a target that
 * the one-machine run does not do.
 */
export function createEventBridgeService(options: EventBridgeServiceOptions): EventBridgeService {
  const { clock, busNames } = options;
  const buses = ['default', ...busNames];
  const enabled = options.rules.filter((rule) => rule.enabled);
  const rules = enabled.flatMap((rule) =>
    rule.eventPattern
      ? { rule, matches: compileEventPattern(rule.eventPattern, `${rule.logicalId}/EventPattern`) }
      : [],
  );
  for (const { logicalId, targets } of options.rules)
    for (const { arn } of targets)
      if (!actionOf(arn))
        throw new UnsupportedEventPattern(`${logicalId}/Targets`, `${arn} is no supported target`);

  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();

  function route(busName: string, event: EventEnvelope): void {
    for (const { rule, matches } of rules) {
      if (rule.busName === busName && matches(event)) send(rule, event);
    }
  }

  function send(rule: LocalEventRule, event: EventEnvelope): void {
    for (const target of rule.targets) {
      const delivery = deliverEvent(rule, target, event, options, stopping.signal)
        .catch((error: unknown) => {
          if (!stopping.signal.aborted)
            options.onLost(`Event ${event.id} of rule ${rule.name} is lost: ${error}`);
        })
        .finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    }
  }

  function sendScheduled(rule: LocalEventRule): void {
    const resources = [rule.arn];
    send(rule, envelope({ source: 'aws.events', detailType: 'Scheduled Event', resources, detail: {} }));
  }

  /** The first event comes when a whole period has passed. */
  async function keepSchedule(rule: LocalEventRule): Promise<void> {
    const seconds = scheduleRate(rule.schedule ?? '') ?? 0;
    while (!stopping.signal.aborted) {
      await clock.sleep(seconds * 1000, stopping.signal);
      sendScheduled(rule);
    }
  }

  const scheduled = enabled.filter(({ schedule }) => schedule !== undefined);
  if (options.runsSchedules ?? true) for (const rule of scheduled) keepSchedule(rule).catch(() => {});

  function envelope(event: ServiceEvent, timeInMs = clock.now()): EventEnvelope {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': event.detailType,
      source: event.source,
      account: LOCAL_ACCOUNT_ID,
      time: new Date(timeInMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: LOCAL_REGION,
      resources: event.resources ?? [],
      detail: event.detail,
    };
  }

  function putEvent(
    entry: PutEventsEntry,
  ): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    const problem = findProblem(entry, buses);
    if (problem) return problem;
    const { Source = '', DetailType = '', Detail = '', Resources, Time } = entry;
    const event = envelope(
      { source: Source, detailType: DetailType, resources: Resources, detail: JSON.parse(Detail) },
      Time === undefined ? undefined : Time * 1000,
    );
    route(busName(entry.EventBusName), event);
    return { EventId: event.id };
  }

  return {
    signingName: 'events',
    authorizations(request): Authorization[] {
      const asked = ruleAuthorization(operationOf(request), readBody(request));
      if (asked) return [asked];
      return readEntries(request).map((entry) => ({
        action: 'events:PutEvents',
        resource: `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:event-bus/${busName(entry.EventBusName)}`,
        conditions: {
          ...(entry.Source && { 'events:source': entry.Source }),
          ...(entry.DetailType && { 'events:detail-type': entry.DetailType }),
        },
      }));
    },
    async handle(request) {
      const operation = operationOf(request);
      if (operation !== 'PutEvents')
        return json(200, answerAboutRules(operation, readBody(request), { buses, rules: options.rules }));
      const Entries = readEntries(request).map(putEvent);
      const FailedEntryCount = Entries.filter((entry) => 'ErrorCode' in entry).length;
      return json(200, { Entries, FailedEntryCount });
    },
    errorResponse: ({ code, message, status }) => json(status, { __type: code, message }),
    publish: (event) => route('default', envelope(event)),
    runSchedules: () => scheduled.forEach(sendScheduled),
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async stop() {
      stopping.abort(new Error('EventBridge stops'));
      await Promise.all(underWay);
    },
  };
}

function operationOf({ headers }: AwsRequest): string {
  return headers['x-amz-target']?.split('.').at(-1) ?? 'an unnamed operation';
}

function readEntries(request: AwsRequest): PutEventsEntry[] {
  const operation = operationOf(request);
  if (operation !== 'PutEvents')
    throw new AwsError('UnknownOperationException', `The one-machine run does not do events:${operation}.`);
  if (request.body.length > MAXIMUM_REQUEST_IN_BYTES)
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  const entries = readBody(request).Entries;
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > 10)
    throw new AwsError('ValidationException', "Value at 'entries' must have between 1 and 10 members");
  return entries;
}

function readBody({ body }: AwsRequest): RuleQuestion & { readonly Entries?: PutEventsEntry[] } {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
}

/** What is wrong with an entry, which does not stop the others. An unknown bus is named, though AWS is silent. */
function findProblem(
  entry: PutEventsEntry,
  buses: readonly string[],
): { ErrorCode: string; ErrorMessage: string } | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const)
    if (!entry[name])
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  if (entry.Source?.startsWith('aws.'))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  if (!isJsonObjectText(entry.Detail ?? ''))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const bus = busName(entry.EventBusName);
  if (!buses.includes(bus))
    return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` };
  return undefined;
}

function json(
  status: number,
  body: unknown,
): { status: number; headers: Record<string, string>; body: string } {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
