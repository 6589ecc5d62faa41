/** Ways in which a call can go wrong, and things that can happen while one is under way. */
export const FAULT_KINDS = {
  throttled: 'throttled',
  'internal-error': 'internal error',
  'error-after': 'internal error after the call took effect',
  'reset-before': 'connection reset',
  'reset-after': 'connection reset after the call took effect',
  'late-answer': 'answered 20 minutes late',
  'late-effect': 'takes effect 20 minutes late',
  truncated: 'truncated answer',
  garbled: 'garbled answer',
  'access-denied': 'access denied',
  'not-found': 'not found (404)',
  'precondition-failed': 'precondition failed (412)',
  conflict: 'conflict (409)',
  'error-in-200': '200 with an error in it',
  'killed-before': 'function killed before the call',
  'killed-after': 'function killed after the call',
  'timed-out': 'function runs out of time after its work',
  stopped: 'execution stopped before the call',
  'stopped-after': 'execution stopped after the call',
  repeated: 'same request arrives again before the call',
  'destination-taken': 'another object appears at the destination before the call',
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

/** Longer than any function or state of the workflow waits, in milliseconds. */
export const LATE = 20 * 60 * 1000;

/** One call that a fault can happen to. */
export interface ObservedCall {
  /** Name of the function or service that calls. */
  readonly caller: string;
  /** What is called, without ids: `PutObject claim (If-Match)`, `CopyToBucket`. */
  readonly name: string;
  /** `publication` is of the state machine, `events` of a function. */
  readonly way: 's3' | 'lambda' | 'states' | 'sts' | 'events' | 'publication' | 'invocation' | 'delivery';
}

/** Chooses what happens to a call; asked once for each call. */
export type FaultSource = (call: ObservedCall) => FaultKind | undefined;

const ANSWERED = ['throttled', 'internal-error', 'access-denied', 'reset-before', 'reset-after'] as const;
const MOMENTS = ['stopped', 'stopped-after', 'repeated'] as const;
const KILLS = ['killed-before', 'killed-after'] as const;

/** What can happen to a call. */
export function faultsOf({
  caller,
  way,
  name,
}: Omit<ObservedCall, 'caller'> & Partial<Pick<ObservedCall, 'caller'>>): readonly FaultKind[] {
  // It calls by itself: nothing can kill it.
  if (caller === 'Step Functions' && (way === 's3' || way === 'states'))
    return [...ANSWERED, 'late-answer', ...MOMENTS];
  if (way === 'delivery') return ['throttled', 'internal-error', 'error-after', 'access-denied'];
  if (way === 'invocation')
    return [...ANSWERED, 'error-after', 'late-answer', 'not-found', ...KILLS, 'timed-out', ...MOMENTS];
  if (way === 'publication') return [...ANSWERED, 'late-answer', 'error-in-200', ...MOMENTS];
  const common: FaultKind[] = [...ANSWERED, 'late-answer', ...KILLS, ...MOMENTS];
  if (way === 'sts') return [...common, 'truncated', 'garbled'];
  if (way === 'events') return [...common, 'truncated', 'garbled', 'error-in-200'];
  if (way === 'states') return [...common, 'late-effect', 'truncated', 'garbled'];
  if (way === 'lambda') return [...common, 'late-effect', 'truncated', 'garbled', 'not-found', 'conflict'];
  if (name === 'GetObject progress.json') common.push('destination-taken');
  if (/^(CopyObject|CompleteMultipartUpload) destination/.test(name)) common.push('destination-taken');
  if (/^(Get|List)/.test(name)) return [...common, 'truncated', 'garbled', 'not-found'];
  if (/^Head/.test(name)) return [...common, 'not-found'];
  const conditional = /\(If-/.test(name) ? (['precondition-failed', 'conflict'] as const) : [];
  // S3 answers these with 200 before it knows how they end.
  if (/^(CopyObject|UploadPartCopy|CompleteMultipartUpload)/.test(name))
    return [...common, 'late-effect', 'truncated', 'garbled', 'not-found', ...conditional, 'error-in-200'];
  if (/^CreateMultipartUpload/.test(name)) return [...common, 'late-effect', 'truncated', 'garbled'];
  if (/^AbortMultipartUpload/.test(name)) return [...common, 'late-effect', 'not-found'];
  if (/^DeleteObjects/.test(name)) return [...common, 'late-effect', 'truncated', 'garbled', 'error-in-200'];
  return [
    ...common,
    'late-effect',
    ...(/\(If-Match/.test(name) ? (['not-found'] as const) : []),
    ...conditional,
  ];
}
