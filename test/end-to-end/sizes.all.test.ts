import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { synthesize } from '../../local/cloud-assembly/synthesize.ts';
import { functionArn } from '../../local/lambda/function-configuration.ts';
import { causeOf, smallRender, testMachine } from './test-machine.ts';

jest.setTimeout(600_000);

const USUAL = 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec';
const LARGE = 'remotion-render-4-0-527-mem4096mb-disk2048mb-900sec';

const folder = mkdtempSync(join(tmpdir(), 'sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const on = testMachine({
  async synthesizeApp() {
    const directory = join(folder, 'cdk.out');
    await synthesize(directory, {}, join(import.meta.dirname, 'sizes-app.ts'));
    return directory;
  },
});

/** The functions that StartRender and the functions themselves have invoked since a call. */
const invokedSince = (from: number) => {
  const calls = on.machine.calls.slice(from).filter(({ action }) => action === 'lambda:InvokeFunction');
  return new Set(
    calls.filter(({ resource }) => resource.includes('remotion-render-')).map(({ resource }) => resource),
  );
};

test.each([
  ['none', {}, USUAL],
  ['large', { size: 'large' }, LARGE],
])(
  'a request for the size %s is rendered by its function, and by no other',
  async (_which, size, functionName) => {
    const from = on.machine.calls.length;
    const end = await on.run({ ...size, render: smallRender });
    expect(end.status).toBe('SUCCEEDED');
    expect(invokedSince(from)).toEqual(new Set([functionArn(functionName)]));
  },
);

test.each([
  ['a size that the stack does not have', { size: 'huge' }, smallRender, /size.*huge.*one of large/],
  [
    "a public output, which the renderer's bucket does not take",
    {},
    { ...smallRender, privacy: 'public' },
    /private or no-acl/,
  ],
])(
  '%s is refused before a render is started, with what is accepted',
  async (_what, more, render, message) => {
    const before = await on.startedRenders();
    const end = await on.run({ ...more, render });
    expect(end).toMatchObject({ status: 'FAILED', error: 'InvalidRenderRequest' });
    expect(causeOf(end).message).toMatch(message);
    expect(await on.startedRenders()).toEqual(before);
  },
);

test('an output without an ACL is delivered as one with the ACL private', async () => {
  expect(await on.run({ render: { ...smallRender, privacy: 'no-acl' } })).toMatchObject({
    status: 'SUCCEEDED',
  });
});
