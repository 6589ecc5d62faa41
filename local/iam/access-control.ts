import { randomBytes } from 'node:crypto';
import {
  type Authorization,
  AwsError,
  LOCAL_ACCOUNT_ID,
  LOCAL_REGION,
  type LoggedCall,
  type PolicyStatement,
  type Principal,
} from '../aws.ts';
import { type Caller, type Decision, evaluate, type ServicePrincipal } from './evaluate.ts';

/** An IAM role: who may assume it and what it may do. */
export interface LocalRole {
  readonly arn: string;
  readonly name: string;
  /** Statements of the trust policy. */
  readonly trust: readonly PolicyStatement[];
  readonly statements: readonly PolicyStatement[];
}

/** What a process puts into `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface AccessControlOptions {
  readonly roles: readonly LocalRole[];
  /** Policies of buckets, queues and functions, by the ARN of what they are attached to. */
  readonly resourcePolicies: Readonly<Record<string, readonly PolicyStatement[]>>;
}

/** This machine's IAM: knows whose an access key is, decides every call and keeps the log of them. */
export class AccessControl {
  /** Every decided call, in the order of the calls. */
  readonly calls: readonly LoggedCall[];
  readonly #log: LoggedCall[] = [];
  /** Permissions without which an answer said less, in the order of the calls. */
  readonly notTold: readonly LoggedCall[];
  readonly #notTold: LoggedCall[] = [];
  #options: AccessControlOptions;
  /** By the ARN of the role, or of what a resource policy is attached to. */
  readonly #replacedPolicies = new Map<string, readonly PolicyStatement[]>();
  readonly #roleOfKey = new Map<string, string>();

  constructor(options: AccessControlOptions) {
    this.#options = options;
    this.calls = this.#log;
    this.notTold = this.#notTold;
  }

  /** Decides by these roles and policies from now on. Access keys of roles that are gone are nobody's. */
  update(options: AccessControlOptions): void {
    this.#options = options;
  }

  /** Access keys whose calls are the role's calls. Throws AwsError `NoSuchEntity` for an unknown role. */
  issueCredentials(roleArn: string): Credentials {
    this.#role(roleArn);
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    this.#roleOfKey.set(accessKeyId, roleArn);
    return {
      accessKeyId,
      secretAccessKey: randomBytes(20).toString('hex'),
      sessionToken: randomBytes(32).toString('base64'),
    };
  }

  /**
   * Puts other statements in the place of a role's, or of a resource policy, from now on; without any, its own again.
   * @param arn of the role, or of the bucket, queue or function that has the policy
   */
  replacePolicy(arn: string, statements?: readonly PolicyStatement[]): void {
    if (statements) this.#replacedPolicies.set(arn, statements);
    else this.#replacedPolicies.delete(arn);
  }

  /** Whose a request is: an issued key's role; without a key nobody's; else that of the person at the CLI. */
  identify(accessKeyId: string | undefined): Principal {
    if (accessKeyId === undefined) return { kind: 'anonymous' };
    const roleArn = this.#roleOfKey.get(accessKeyId);
    return roleArn === undefined ? { kind: 'administrator' } : this.#principal(roleArn);
  }

  /**
   * The role, assumed by a service for one of its resources, as the role's trust policy allows.
   * Throws AwsError `AccessDeniedException` where it does not.
   */
  assumeRole(roleArn: string, by: ServicePrincipal): Principal {
    const trust = this.#role(roleArn).trust.map((statement) => ({ ...statement, Resource: roleArn }));
    this.#decide(by, trust, { action: 'sts:AssumeRole', resource: roleArn });
    return this.#principal(roleArn);
  }

  /** Decides and logs one call. Throws AwsError `AccessDeniedException`, worded as AWS words it. */
  authorize(caller: Caller, authorization: Authorization): void {
    this.#decide(caller, this.#resourceStatements(authorization.resource), authorization);
  }

  /**
   * Decides a permission that shapes an answer (403 or 404) without being asked for by the request.
   * Among the calls only when it is allowed, because only then has the caller used a grant; else in `notTold`.
   */
  permits(caller: Caller, authorization: Authorization): boolean {
    const asked = this.#withConditions(caller, authorization);
    const decided = this.#evaluate(caller, this.#resourceStatements(asked.resource), asked);
    this.#keep(caller, asked, decided, decided.decision === 'Allow' ? this.#log : this.#notTold);
    return decided.decision === 'Allow';
  }

  /** What the policies of a role alone would decide. Throws AwsError `NoSuchEntity`. */
  simulate(roleArn: string, authorization: Authorization): Decision {
    const role = this.#principal(roleArn);
    return this.#evaluate(role, [], this.#withConditions(role, authorization));
  }

  #keep(caller: Caller, asked: Authorization, decided: Decision, log = this.#log): void {
    log.push({ ...asked, ...decided, principal: nameOf(caller), at: Date.now() });
  }

  #decide(
    caller: Caller,
    resourceStatements: readonly PolicyStatement[],
    authorization: Authorization,
  ): void {
    const asked = this.#withConditions(caller, authorization);
    const decided = this.#evaluate(caller, resourceStatements, asked);
    this.#keep(caller, asked, decided);
    if (decided.decision === 'Allow') return;
    const { action, resource } = authorization;
    throw new AwsError(
      'AccessDeniedException',
      `User: ${userOf(caller)} is not authorized to perform: ${action} on resource: ${resource} ${decided.reason}`,
      403,
    );
  }

  /** With the condition keys that every request has; its own values come first. */
  #withConditions(caller: Caller, authorization: Authorization): Authorization {
    const conditions = { ...globalConditions(caller, authorization), ...authorization.conditions };
    return { ...authorization, conditions };
  }

  #evaluate(
    caller: Caller,
    resourceStatements: readonly PolicyStatement[],
    authorization: Authorization,
  ): Decision {
    return evaluate(caller, resourceStatements, authorization);
  }

  #resourceStatements(resource: string): readonly PolicyStatement[] {
    // A bucket's policy is also that of its objects, a function's that of its versions.
    const attached = Object.entries(this.#options.resourcePolicies).find(
      ([arn]) => resource === arn || resource.startsWith(`${arn}/`) || resource.startsWith(`${arn}:`),
    );
    if (!attached) return [];
    return this.#replacedPolicies.get(attached[0]) ?? attached[1];
  }

  #principal(roleArn: string): Principal {
    const statements = this.#replacedPolicies.get(roleArn) ?? this.#role(roleArn).statements;
    return { kind: 'role', roleArn, statements };
  }

  #role(roleArn: string): LocalRole {
    const role = this.#options.roles.find(({ arn }) => arn === roleArn);
    if (!role) throw new AwsError('NoSuchEntity', `The role ${roleArn} cannot be found.`, 404);
    return role;
  }
}

/** Condition keys that every request has on AWS. */
function globalConditions(caller: Caller, { resource }: Authorization): Record<string, string> {
  const conditions: Record<string, string> = {
    // Loopback stands for TLS: requests are plain HTTP, but never leave the machine.
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': LOCAL_REGION,
    'aws:PrincipalIsAWSService': String(caller.kind === 'service'),
  };
  if (resource !== '*') conditions['aws:ResourceAccount'] = LOCAL_ACCOUNT_ID;
  if (caller.kind === 'role') {
    conditions['aws:PrincipalArn'] = caller.roleArn;
    conditions['aws:PrincipalAccount'] = LOCAL_ACCOUNT_ID;
  }
  if (caller.kind === 'service') {
    conditions['aws:PrincipalServiceName'] = caller.service;
    if (caller.sourceArn) {
      conditions['aws:SourceArn'] = caller.sourceArn;
      conditions['aws:SourceAccount'] = caller.sourceArn.split(':')[4] || LOCAL_ACCOUNT_ID;
    }
  }
  return conditions;
}

function nameOf(caller: Caller): string {
  if (caller.kind === 'role') return caller.roleArn;
  return caller.kind === 'service' ? caller.service : caller.kind;
}

/** As AWS names a caller in its messages. The session's name is made up. */
function userOf(caller: Caller): string {
  if (caller.kind !== 'role') return nameOf(caller);
  return `arn:aws:sts::${LOCAL_ACCOUNT_ID}:assumed-role/${caller.roleArn.split('/').at(-1)}/one-machine`;
}
