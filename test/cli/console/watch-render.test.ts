import type { Browser, Page } from 'playwright-core';
import { launchWithConsole } from '../../../proof/console/launch-with-console.ts';
import { openBrowser } from '../../../proof/console/open-browser.ts';
import { axe, complaints } from './look-at-page.ts';

let machine: Awaited<ReturnType<typeof launchWithConsole>>;
let browser: Browser;
let page: Page;
let complained: string[];

beforeAll(async () => {
  [machine, browser] = await Promise.all([launchWithConsole({}), openBrowser()]);
  page = await browser.newPage();
  complained = complaints(page);
});
afterAll(async () => {
  await browser?.close();
  await machine?.stop();
});

test('a render is started on the page, watched to its video, and the video is played and jumped in', async () => {
  await page.goto(`${machine.consoleUrl}#/start`);
  await page.getByLabel('jobId', { exact: true }).fill('watched');
  await page
    .getByLabel('Further options of renderMediaOnLambda')
    .fill('{ "framesPerLambda": 30, "scale": 0.25 }');
  await page.getByLabel('inputProps', { exact: true }).fill('{ "durationInSeconds": 1 }');
  await page.getByRole('button', { name: 'Start', exact: true }).click();

  await page.getByRole('heading', { name: 'watched' }).waitFor();
  await page.locator('.headline .status', { hasText: 'Running' }).waitFor();
  await page
    .getByRole('button', { name: /GetRenderProgress, running/ })
    .first()
    .waitFor();

  const video = page.getByLabel('The delivered video');
  await video.waitFor({ timeout: 50_000 });
  expect(
    await page.evaluate(`(async () => {
      const video = document.querySelector('video');
      if (video.readyState === 0) await new Promise((loaded) => video.addEventListener('loadedmetadata', loaded));
      video.currentTime = 0.8;
      await new Promise((sought) => video.addEventListener('seeked', sought));
      const { currentTime, duration, error, videoWidth } = video;
      return { currentTime, isWhole: duration > 0.9 && duration < 1.3, error, videoWidth };
    })()`),
  ).toEqual({ currentTime: 0.8, isWhole: true, error: null, videoWidth: 320 });

  await page.locator('.publication summary', { hasText: 'Render Succeeded' }).waitFor();
  await page
    .getByRole('button', { name: /^IsRenderFinished, done/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'IsRenderFinished' }).waitFor();
  expect(await axe(page)).toEqual([]);

  await page.getByRole('link', { name: 'All renders' }).click();
  await page.getByRole('link', { name: 'watched' }).waitFor();
  await page.getByText('100 %').waitFor();
  expect(await axe(page)).toEqual([]);
  expect(complained).toEqual([]);
});
