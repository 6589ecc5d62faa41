import type { Readable } from 'node:stream';

/** Region and account that the one-machine run pretends to be in. */
export const LOCAL_REGION = 'us-east-1';
export const LOCAL_ACCOUNT_ID = '123456789012';

/** One statement of an IAM policy, as it stands in the template after its references are resolved. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Principal?: unknown;
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

/** Who makes a call. The person at the command line is the administrator; a function process is its role. */
export type Principal =
  | { readonly kind: 'administrator' }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'role'; readonly roleArn: string; readonly statements: readonly PolicyStatement[] };

/** What IAM is asked: may the principal do `action` on `resource`, given the values of the condition keys. */
export interface Authorization {
  /** As policies spell it, e.g. `s3:GetObject`. */
  readonly action: string;
  /** ARN, or `*` where AWS has no resource for the action. */
  readonly resource: string;
  /** Condition keys of this request, e.g. `{ 's3:prefix': 'renders/' }`. */
  readonly conditions?: Readonly<Record<string, string>>;
}

/** One call in the gateway's log, which the least-privilege tests read. */
export interface LoggedCall extends Authorization {
  /** Role ARN, `administrator` or `anonymous`. */
  readonly principal: string;
  readonly decision: 'Allow' | 'Deny';
  /** Why, as the end of AWS's own message. */
  readonly reason?: string;
  /** When it was decided, in milliseconds since 1970. */
  readonly at?: number;
}

export interface AwsRequest {
  readonly method: string;
  /** Undecoded path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly principal: Principal;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
}

/**
 * An error as AWS answers it. `code` is the error's name in the service's API (`NoSuchKey`,
 * `ExecutionDoesNotExist`); the service puts it into its own protocol (XML for S3, JSON for the others).
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** One AWS service behind the gateway. What it does not do it refuses with an AwsError that names the operation. */
export interface LocalService {
  /** The service's name in a signature's credential scope: `s3`, `lambda`, `states`, `events`, `sqs`. */
  readonly signingName: string;
  /** Whether a path is the service's alone, also without a signature. */
  owns?(path: string): boolean;
  /** What IAM must allow before `handle` is called; all of them. */
  authorizations(request: AwsRequest): Authorization[];
  handle(request: AwsRequest): Promise<AwsResponse>;
  errorResponse(error: AwsError): AwsResponse;
}

/** Where time comes from, so that a test can let an hour pass in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that many milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
