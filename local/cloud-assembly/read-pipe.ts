import type { LocalPipe } from './local-stack.ts';
import { type ResolvedResource, refuse } from './resolved-resource.ts';
import { UnsupportedTemplate } from './template.ts';

/** Throws UnsupportedTemplate for a pipe that is not from a queue to a standard state machine, one message a time. */
export function readPipe(item: ResolvedResource): LocalPipe {
  refuse(item, 'Enrichment', 'EnrichmentParameters', 'DesiredState', 'KmsKeyIdentifier');
  const { Source, SourceParameters = {}, Target, TargetParameters = {}, RoleArn } = item.properties;
  const unsupported = (property: string, what: string): UnsupportedTemplate =>
    new UnsupportedTemplate(`${item.path}/${property}`, what);
  if (!/^arn:aws:sqs:/.test(Source)) throw unsupported('Source', `${Source} is no queue`);
  if (!/^arn:aws:states:.+:stateMachine:/.test(Target))
    throw unsupported('Target', `${Target} is no state machine`);
  const { SqsQueueParameters, ...otherSources } = SourceParameters;
  if (Object.keys(otherSources).length > 0 || SqsQueueParameters?.BatchSize !== 1)
    throw unsupported('SourceParameters', 'a queue with BatchSize 1 and nothing else is supported');
  const { InputTemplate, StepFunctionStateMachineParameters, ...otherTargets } = TargetParameters;
  if (
    Object.keys(otherTargets).length > 0 ||
    StepFunctionStateMachineParameters?.InvocationType !== 'FIRE_AND_FORGET'
  )
    throw unsupported('TargetParameters', 'FIRE_AND_FORGET with an InputTemplate is supported');
  return {
    logicalId: item.logicalId,
    name: item.name,
    arn: item.attributes.Arn ?? '',
    roleArn: RoleArn,
    queueArn: Source,
    stateMachineArn: Target,
    inputTemplate: InputTemplate,
  };
}
