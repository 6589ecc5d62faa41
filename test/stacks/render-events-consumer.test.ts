import { Match, Template } from 'aws-cdk-lib/assertions';
import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderEventsConsumerStack } from '../../examples/render-events-consumer/render-events-consumer-stack.ts';

describe('the example that consumes events', () => {
  const newConsumer = () => {
    const app = new App();
    return { app, stack: new RenderEventsConsumerStack(app, 'RenderEventsConsumer', 'Renders') };
  };

  test('sends all events of the workflow from its bus to a queue, which takes them from that rule only', () => {
    const template = Template.fromStack(newConsumer().stack);
    const [rule] = Object.keys(template.findResources('AWS::Events::Rule'));
    const queue = { 'Fn::GetAtt': [Match.stringLikeRegexp('^RenderEvents'), 'Arn'] };
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'Renders',
      EventPattern: { source: ['remotion-step-functions'] },
      Targets: [{ Arn: queue, Id: Match.anyValue() }],
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          {
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Resource: queue,
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [rule, 'Arn'] } } },
          },
        ],
      },
    });
    template.resourceCountIs('AWS::IAM::Role', 0);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('leaves cdk-nag nothing to find', () => {
    const { app } = newConsumer();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});
