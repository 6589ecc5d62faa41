import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenderWorkflowStack } from '../../../stacks/render-workflow-stack.ts';
import { readRemotionPackage } from '../../../stacks/renderer/remotion-package.ts';
import { problemsOf } from '../synthesize.ts';

const newStack = (region?: string) => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const env = region && { env: { region, account: '123456789012' } };
  return { app, stack: new RenderWorkflowStack(app, 'RemotionStepFunctions', { ...env }) };
};

test.each(Object.keys(readRemotionPackage().layers('default')))(
  'the whole, without any context, can be deployed in %s',
  (region) => {
    const { app, stack } = newStack(region);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(problemsOf(stack)).toBe('');
    expect(() => app.synth()).not.toThrow();
  },
);

test.each(['me-south-1', 'cn-north-1', 'us-gov-west-1'])(
  'in %s it is an error that names the regions',
  (region) => {
    expect(problemsOf(newStack(region).stack)).toMatch(/^NotInRegion: .* Deploy in one of af-south-1, /);
  },
);
