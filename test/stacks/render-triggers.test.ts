import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Duration } from 'aws-cdk-lib/core';
import { synthesize } from './synthesize.ts';

let template: Template;
beforeAll(() => {
  template = synthesize();
});

describe('the trigger', () => {
  test('starts an execution for every Render Requested event, and keeps those that it could not deliver', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': ['Render Requested'] },
      Targets: [
        {
          Arn: { Ref: Match.stringLikeRegexp('StateMachine') },
          DeadLetterConfig: { Arn: Match.anyValue() },
          RetryPolicy: { MaximumRetryAttempts: 24, MaximumEventAgeInSeconds: Duration.hours(6).toSeconds() },
        },
      ],
    });
  });

  test('takes only the sources that the context names', () => {
    synthesize({ eventSources: 'shop,crm' }).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { 'detail-type': ['Render Requested'], source: ['shop', 'crm'] },
    });
  });

  test('listens on an existing bus when the context names one', () => {
    const other = synthesize({ eventBusName: 'default' });
    other.resourceCountIs('AWS::Events::EventBus', 0);
    other.hasResourceProperties('AWS::Events::Rule', { EventBusName: 'default' });
  });

  test('has a dead-letter queue that refuses plain HTTP', () => {
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });
});

describe('the trigger for stopped executions', () => {
  test('has the render of a stopped, timed-out or failed execution of this machine cancelled', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('StateMachine') }],
          status: ['ABORTED', 'TIMED_OUT', 'FAILED'],
        },
      },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('CancelRenderFunction'), 'Arn'] },
          DeadLetterConfig: { Arn: Match.anyValue() },
        },
      ],
    });
  });

  test('keeps what the function could not do after two more tries', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
  });
});
