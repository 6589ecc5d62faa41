/** One decision of this machine's IAM. */
export interface DecidedCall {
  /** Counts the calls, from 1. */
  readonly number: number;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Of the caller's role; else what the caller is. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: 'Allow' | 'Deny';
  /** Why, as IAM says it. */
  readonly reason: string;
  /** The statement that allowed or denied it. */
  readonly grant?: {
    /** Its Sid, else its actions. */
    readonly name: string;
    /** JSON text of it. */
    readonly statement: string;
    /** What the caller needs it for. */
    readonly why?: string;
  };
}

/** A thing to choose. */
export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** A fault that waits for its call, or has met it. */
export interface SetFault {
  readonly kind: string;
  readonly target: string;
  /** The call that it has happened to; undefined as long as it waits. */
  readonly happenedTo?: string;
}

/** What there is to see and to do on one machine alone. */
export interface OneMachineView {
  /** File with what the functions print. */
  readonly logFile: string;
  /** Decisions after that number; of very many the newest. */
  callsAfter(number: number): DecidedCall[];
  readonly faultKinds: readonly Choice[];
  readonly faultTargets: readonly Choice[];
  /** The last fault that was set. */
  fault(): SetFault | undefined;
  /** Lets a fault happen to the next call of a target; none at all without. @throws RangeError for an unknown kind */
  setFault(fault: { readonly kind: string; readonly target: string } | undefined): void;
}
