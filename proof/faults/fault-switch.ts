import { setTimeout as sleep } from 'node:timers/promises';
import type { OneMachineView } from '../../cli/console/one-machine-view.ts';
import type { LocalStack } from '../../local/cloud-assembly/local-stack.ts';
import type { Interceptor } from '../../local/gateway.ts';
import type { InvocationInterceptor } from '../../local/stepfunctions/invoke-as.ts';
import type { FaultKind, ObservedCall } from './fault-kind.ts';
import { functionNames } from './function-names.ts';
import { faultyAnswer } from './gateway-faults.ts';
import { faultyInvocation } from './invocation-faults.ts';
import { observeCall, STEP_FUNCTIONS } from './observe-call.ts';

/** How late an answer is that a person waits for, in milliseconds. */
const DELAY_IN_MS = 10_000;

const KINDS = {
  throttled: 'throttled (429; S3: 503 SlowDown)',
  'internal-error': 'internal error (500)',
  'reset-before': 'connection reset',
  'reset-after': 'connection reset after the call took effect',
  'late-answer': 'answered 10 s late',
} as const satisfies Partial<Record<FaultKind, string>>;

const STEPS = ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender'] as const;

/** What a person switches on: a fault that happens to one call, and then is over. */
export interface FaultSwitch
  extends Pick<OneMachineView, 'faultKinds' | 'faultTargets' | 'fault' | 'setFault'> {
  readonly intercept: Interceptor;
  readonly interceptInvocation: InvocationInterceptor;
}

/** @param options `stack` is asked at the first call. */
export function createFaultSwitch(options: { readonly stack: () => LocalStack }): FaultSwitch {
  let set: { kind: keyof typeof KINDS; target: string; happenedTo?: string } | undefined;
  let nameOf: ((arnOrName: string) => string) | undefined;
  const name = (arnOrName: string) => {
    nameOf ??= functionNames(options.stack());
    return nameOf(arnOrName);
  };
  const kindFor = ({ caller, name, way }: ObservedCall) => {
    const target = way === 'invocation' ? `invocation ${name}` : `call ${caller}`;
    if (!set || set.happenedTo !== undefined || set.target !== target) return undefined;
    set = { ...set, happenedTo: way === 'invocation' ? `an invocation of ${name}` : `${name} of ${caller}` };
    return set.kind;
  };
  const unused = { killCaller() {}, stopExecution() {}, repeatRequest() {}, async takeDestination() {} };
  const wait = () => sleep(DELAY_IN_MS);
  return {
    faultKinds: Object.entries(KINDS).map(([id, label]) => ({ id, label })),
    faultTargets: [
      ...STEPS.map((step) => ({ id: `invocation ${step}`, label: `next invocation of ${step}` })),
      ...STEPS.map((step) => ({ id: `call ${step}`, label: `next call that ${step} makes` })),
      { id: `call ${STEP_FUNCTIONS}`, label: 'next event that the workflow publishes' },
    ],
    fault: () => set,
    setFault(fault) {
      if (!fault) {
        set = undefined;
        return;
      }
      const kind = Object.keys(KINDS).find((each) => each === fault.kind) as keyof typeof KINDS | undefined;
      if (!kind) throw new RangeError(`There is no fault ${JSON.stringify(fault.kind)} to switch on.`);
      set = { kind, target: String(fault.target) };
    },
    async intercept(call, next) {
      const { principal } = call.request;
      if (!set || principal.kind !== 'role') return next();
      const { RemotionBucketName: remotionBucketName = '' } = options.stack().outputs;
      const observed = observeCall(call, name(principal.roleArn), remotionBucketName);
      const kind = observed && kindFor(observed);
      return kind ? faultyAnswer(kind, observed, { ...unused, next, wait }) : next();
    },
    async interceptInvocation({ functionName }, next) {
      const kind = set && kindFor({ caller: STEP_FUNCTIONS, name: name(functionName), way: 'invocation' });
      return kind ? faultyInvocation(kind, { ...unused, next, wait }) : next();
    },
  };
}
