import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with a page as it is now, a line each. */
export async function axe(page: Page): Promise<string[]> {
  // The page's own Content-Security-Policy lets no script in; the debugger's does not ask it.
  const session = await page.context().newCDPSession(page);
  const run = async (expression: string) => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  await run(`${AXE};0`);
  const found = await run('axe.run(document).then(({ violations }) => violations)');
  await session.detach();
  return (found as { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[]).flatMap(
    ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary}`),
  );
}

/** What a page complains about, as it comes. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text());
  });
  return found;
}

/** Elements that make a page wider than its window, so that it has to be moved from side to side. */
export async function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= innerWidth) return [];
    const all = [...document.querySelectorAll('body *')];
    return [scrollWidth + ' px', ...all.filter((each) => each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML.slice(0, 160))];
  })()`);
}
