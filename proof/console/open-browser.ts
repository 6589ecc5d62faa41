import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../local/remotion/chromium.ts';

/** A real browser, the one that Remotion's function renders with. */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, environment } = await findChromium();
  // Its sandbox needs what a container or root does not have; it opens pages of this machine alone.
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'];
  return chromium.launch({ executablePath, args, env: { ...process.env, ...environment } });
}
