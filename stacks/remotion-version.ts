import { createRequire } from 'node:module';

/** The version of the installed `@remotion/lambda`, whose client the workflow has. */
export function installedRemotionVersion(): string {
  return createRequire(import.meta.url)('@remotion/lambda/package.json').version;
}
