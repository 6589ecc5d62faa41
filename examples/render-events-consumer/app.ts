import { App } from 'aws-cdk-lib/core';
import { RenderEventsConsumerStack } from './render-events-consumer-stack.ts';

const app = new App();
new RenderEventsConsumerStack(
  app,
  'RenderEventsConsumer',
  app.node.tryGetContext('eventBusName') ?? 'RemotionStepFunctions-RenderWorkflow-52872822',
);
