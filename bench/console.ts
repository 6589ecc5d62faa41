import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { Browser, Page } from 'playwright-core';
import { createRenderClients } from '../cli/render-clients.ts';
import { startByRequest } from '../cli/start-execution.ts';
import { launchWithConsole } from '../proof/console/launch-with-console.ts';
import { openBrowser } from '../proof/console/open-browser.ts';
import { describeMachine, median, printTable } from './print-table.ts';

/** How soon the page shows something, how smooth a full list is, and what watching asks of Step Functions. */
const EXECUTIONS = 1_000;
const AT_ONCE = 4;
const VIEWS = 5;
const LOOK_FOR_IN_MS = 10_000;
/** A frame that took longer is one that a person sees missing, in milliseconds. */
const LONG_FRAME_IN_MS = 50;

const [machine, browser] = await Promise.all([launchWithConsole({}), openBrowser()]);
const { sfn } = createRenderClients(machine.clientConfig);
const { StateMachineArn = '' } = machine.stack.outputs;

const start = (input: object) => startByRequest(sfn, StateMachineArn, input);
/** A render that takes some ten seconds. */
const slow = (jobId: string) =>
  start({
    jobId,
    render: {
      composition: 'HelloWorld',
      codec: 'h264',
      framesPerLambda: 120,
      inputProps: { durationInSeconds: 4, delayPerFrameInMilliseconds: 200 },
    },
  });

/** Fills the list with executions that end at once, as their requests are wrong. */
async function executions(count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      const executionArn = await start({ jobId: `bench-${next}` });
      for (let status: string | undefined = 'RUNNING'; status === 'RUNNING'; await sleep(20))
        status = (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Milliseconds from the opening of an address, nothing of which the browser has yet, until something is shown. */
async function firstView(of: Browser, path: string, selector: string): Promise<number> {
  const context = await of.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(`new MutationObserver(() => {
    if (document.querySelector(${JSON.stringify(selector)})) requestAnimationFrame(() => { window.shown ??= performance.now(); });
  }).observe(document, { childList: true, subtree: true });`);
  await page.goto(`${machine.consoleUrl}${path}`);
  await until(page, 'window.shown !== undefined');
  const shown = Number(await page.evaluate('window.shown'));
  await context.close();
  return shown;
}

/** Waits until something holds. The page's Content-Security-Policy lets a browser's own polling not evaluate text. */
async function until(page: Page, holds: string): Promise<void> {
  while (!(await page.evaluate(holds))) await sleep(50);
}

async function firstViews(path: string, selector: string): Promise<string> {
  const views: number[] = [];
  for (let view = 0; view < VIEWS; view++) views.push(await firstView(browser, path, selector));
  return `${Math.round(median(views))} ms, at most ${Math.round(Math.max(...views))} ms`;
}

/** Lengths of the frames while something happens on a page, in milliseconds. */
async function frames(page: Page, what: string): Promise<number[]> {
  return (await page.evaluate(`(async () => {
    const lengths = [];
    let last = performance.now();
    let isOver = false;
    const tick = (now) => { lengths.push(now - last); last = now; if (!isOver) requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    await (${what})();
    isOver = true;
    return lengths.slice(1);
  })()`)) as number[];
}

function describeFrames(lengths: readonly number[]): string {
  const long = lengths.filter((length) => length > LONG_FRAME_IN_MS).length;
  const sorted = lengths.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return `${lengths.length} frames, ${at(0.5)} ms at the median, ${at(0.99)} ms at the 99th percentile, ${at(1)} ms at most; ${long} over ${LONG_FRAME_IN_MS} ms`;
}

const SCROLL = `async () => {
  const end = document.documentElement.scrollHeight - innerHeight;
  for (let step = 0; step <= 240; step++) {
    scrollTo(0, (end * step) / 240);
    await new Promise(requestAnimationFrame);
  }
}`;

const TYPE = `async () => {
  const input = document.querySelector('input[type=search]');
  for (const text of ['b', 'be', 'bench', 'bench-9', 'bench-99', '']) {
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => setTimeout(done, 250));
  }
}`;

/** Calls of the page's server, as this machine's log of calls has them. */
function callsOfPage(since: number) {
  const { calls } = machine.access;
  return calls.slice(since).filter(({ principal }) => principal === 'administrator');
}

try {
  const first = await firstViews('', '.empty, .row');
  await executions(EXECUTIONS);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(machine.consoleUrl);
  await until(
    page,
    `document.querySelector('[role=status].sr')?.textContent === '${EXECUTIONS.toLocaleString('en')} executions' && !document.querySelector('.status.running')`,
  );
  const full = await firstViews('', '.row:not(.head)');

  const watched = await slow('bench-watched');
  const name = watched.split(':').at(-1);
  await page.locator('.row', { hasText: 'bench-watched' }).waitFor();
  const whileScrolled = describeFrames(await frames(page, SCROLL));
  const whileTyped = describeFrames(await frames(page, TYPE));

  // Two people look at it, and one at the list.
  const watchers = [await browser.newPage(), await browser.newPage()];
  for (const watcher of watchers) await watcher.goto(`${machine.consoleUrl}/#/renders/${name}`);
  await watchers[1]?.locator('.percent').waitFor();
  const since = machine.access.calls.length;
  await sleep(LOOK_FOR_IN_MS);
  const made = callsOfPage(since);
  const reads = made.filter(
    ({ action, resource }) => action === 'states:GetExecutionHistory' && resource === watched,
  );
  const render = await firstViews(`/#/renders/${name}`, '.graph .node');
  const perSecond = (count: number) => (count / (LOOK_FOR_IN_MS / 1000)).toFixed(1);

  console.log(`${describeMachine()}\n`);
  printTable(
    ['what', 'measured'],
    [
      ['first view, nothing rendered yet', first],
      [`first view of a list of ${EXECUTIONS.toLocaleString('en')}`, full],
      ['first view of a running render', render],
      ['the list scrolled from end to end, a render running', whileScrolled],
      ['text typed into its filter', whileTyped],
      [
        'reads of the history of a render that two pages and the list show, a second',
        perSecond(reads.length),
      ],
      ['calls of the page in all, a second', perSecond(made.length)],
    ],
  );
} finally {
  await browser.close();
  await machine.stop();
}
process.exit();
