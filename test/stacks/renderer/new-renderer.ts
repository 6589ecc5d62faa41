import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { App, Stack } from 'aws-cdk-lib/core';
import { RemotionRenderer, type RemotionRendererProps } from '../../../stacks/renderer/remotion-renderer.ts';

/** The function of a renderer of which nothing else is said. */
export const FUNCTION = 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec';

/** A site of one page. */
export const site = mkdtempSync(join(tmpdir(), 'site-'));
writeFileSync(join(site, 'index.html'), '<html></html>');
afterAll(() => rmSync(site, { recursive: true }));

/** An app that bundles no functions. */
export const newApp = () => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

/** A renderer with the site `promo`, alone in its stack. */
export function newRenderer(
  props: RemotionRendererProps | ((stack: Stack) => RemotionRendererProps) = {},
  region?: string,
) {
  const app = newApp();
  const stack = new Stack(app, 'Videos', region ? { env: { region, account: '123456789012' } } : {});
  const given = typeof props === 'function' ? props(stack) : props;
  const renderer = new RemotionRenderer(stack, 'Renderer', { sites: { promo: site }, ...given });
  return { app, stack, renderer };
}

export const synthesize = (...given: Parameters<typeof newRenderer>): Template =>
  Template.fromStack(newRenderer(...given).stack);

/** Properties of Remotion's functions in a template. */
export const functionsOf = (from: Template) =>
  Object.values(from.findResources('AWS::Lambda::Function'))
    .map(({ Properties }) => Properties)
    .filter(({ FunctionName = '' }) => FunctionName.startsWith('remotion-render-'));
