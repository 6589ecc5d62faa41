import { Aws, Fn, Names } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/**
 * A name made of the stack's name and the ids of the constructs down to this one, which no other construct of the
 * account and region has, in whichever stack, stage or app.
 *
 * @param maxLength in characters
 */
export function uniqueName(scope: Construct, maxLength: number): string {
  return Names.uniqueResourceName(scope, { maxLength, separator: '-' });
}

/**
 * As `uniqueName`, and another one when the stack is made again after it was destroyed: for what AWS takes its time
 * to delete, or what somebody keeps. It ends in the first part of the UUID in the stack's ARN, which is known only
 * when the stack is deployed.
 *
 * @param maxLength in characters
 */
export function nameOfThisCreation(scope: Construct, maxLength: number): string {
  return `${uniqueName(scope, maxLength - 9)}-${thisCreation()}`;
}

/** Eight letters and digits that the stack has until it is destroyed. */
export function thisCreation(): string {
  const uuid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  return Fn.select(0, Fn.split('-', uuid));
}
