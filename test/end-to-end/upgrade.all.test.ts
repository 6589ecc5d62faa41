import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { jest } from '@jest/globals';
import { followExecution } from '../../cli/follow-execution.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import { readUpdate } from '../../local/cloud-assembly/read-update.ts';
import { synthesize } from '../../local/cloud-assembly/synthesize.ts';
import { bundleSite } from '../../stacks/renderer/bundle-site.ts';
import { smallRender, testMachine } from './test-machine.ts';

jest.setTimeout(600_000);

const APP = join(import.meta.dirname, 'upgrade-app.ts');
const EXAMPLE = join(import.meta.dirname, '../../examples/hello-world/index.ts');
const WAIT_IN_SECONDS = 30;
const FORMER = 'remotion-render-4-0-527-mem2048mb-disk2048mb-240sec';
const NEXT = 'remotion-render-4-0-527-mem3008mb-disk2048mb-240sec';

const folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The stack with other settings. */
async function assemblyWith(context: Record<string, unknown>): Promise<string> {
  const directory = mkdtempSync(join(folder, 'cdk.out-'));
  await synthesize(directory, context, APP, { WAIT_IN_SECONDS: String(WAIT_IN_SECONDS) });
  return directory;
}

let settings: Record<string, unknown> = {};
const on = testMachine({
  synthesizeApp(context) {
    settings = context;
    return assemblyWith(context);
  },
});

/** The stack with another function and another site. */
async function nextAssembly(): Promise<string> {
  const site = join(folder, 'site');
  cpSync(await bundleSite(EXAMPLE), site, { recursive: true });
  writeFileSync(join(site, 'news.txt'), 'Another site.');
  return assemblyWith({ ...settings, site, siteName: 'hello-world', rendererMemoryInMb: '3008' });
}

const slowRender = (seconds: number) => ({
  ...smallRender,
  inputProps: { durationInSeconds: 1, delayPerFrameInMilliseconds: (seconds * 1000) / 30 },
});

const start = (jobId: string, render: object) =>
  startByRequest(on.sfn, on.stateMachineArn, { jobId, render });
const ended = (executionArn: string) => followExecution(on.sfn, executionArn, () => {}, 100);

async function rendering(executionArn: string): Promise<void> {
  const seen = new AbortController();
  await Promise.race([
    followExecution(on.sfn, executionArn, ({ progress }) => {
      if ((progress?.framesRendered ?? 0) > 0) seen.abort();
    }),
    new Promise((resolve) => seen.signal.addEventListener('abort', resolve)),
  ]);
}

const startsWith = (functionName: string): boolean =>
  on.machine.stack.functions
    .filter(({ logicalId }) => /StartRenderFunction/.test(logicalId))
    .map(({ name }) => on.machine.functions.configuration(name).environment?.REMOTION_FUNCTION_NAME)
    .includes(functionName);

/** Files of a site that are marked as replaced, by calls that were allowed. */
const replaced = (site: string) =>
  on.machine.calls.filter(
    ({ action, resource, decision }) =>
      action === 's3:PutObjectTagging' && decision === 'Allow' && resource.includes(`/sites/${site}/`),
  );

const siteOf = (url = ''): string => url.split('/').at(-2) ?? '';

describe('a stack that gets another function and another site while renders are under way', () => {
  test('loses none of them, and then has nothing left of the former; going back does the same', async () => {
    const former = on.machine.assembly;
    const next = await nextAssembly();
    const [underWay, toBeStopped] = [
      await start('under-way', slowRender(20)),
      await start('to-be-stopped', slowRender(60)),
    ];
    await Promise.all([rendering(underWay), rendering(toBeStopped)]);

    const update = readUpdate(former, next, { endpoint: on.machine.endpoint });
    let isOver = false;
    const updated = on.machine.update(update).then(() => {
      isOver = true;
    });
    // Its role knows the new function already, and its settings name the former.
    expect(startsWith(FORMER)).toBe(true);
    const during = await start('during', smallRender);
    while (!startsWith(NEXT)) await sleep(50);

    await on.sfn.send(new StopExecutionCommand({ executionArn: toBeStopped }));
    expect(await ended(during)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await ended(underWay)).toMatchObject({ status: 'SUCCEEDED' });
    expect(isOver).toBe(false);
    expect(on.machine.functions.configuration(FORMER).functionName).toBe(FORMER);
    const busy = () => on.machine.functions.processes.filter((each) => each.requestId);
    const formerBusy = () => busy().filter(({ functionName }) => functionName === FORMER);
    while (formerBusy().length > 0) await sleep(100);
    expect(isOver).toBe(false);

    await updated;
    expect(() => on.machine.functions.configuration(FORMER)).toThrow(/Function not found/);
    expect(JSON.stringify(update.final)).not.toContain(FORMER);
    expect(replaced(siteOf(on.machine.siteUrl)).length).toBeGreaterThan(2);
    expect((await fetch(on.machine.siteUrl)).status).toBe(200);
    expect(await on.run({ jobId: 'after', render: smallRender })).toMatchObject({ status: 'SUCCEEDED' });

    const nextUrl = update.final.outputs.SiteUrl ?? '';
    expect(siteOf(nextUrl)).not.toBe(siteOf(on.machine.siteUrl));
    expect((await fetch(nextUrl)).status).toBe(200);
    await on.machine.update(readUpdate(next, former, { endpoint: on.machine.endpoint }));
    expect(() => on.machine.functions.configuration(NEXT)).toThrow(/Function not found/);
    expect(replaced(siteOf(nextUrl)).length).toBeGreaterThan(2);
    expect(await on.run({ jobId: 'back', render: smallRender })).toMatchObject({ status: 'SUCCEEDED' });
  });
});
