import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SiteObject, uploadSite } from '../../../local/remotion/upload-site.ts';

it('puts every file of a site under its prefix with its content type', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  mkdirSync(join(folder, 'public', 'sounds'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<html>');
  writeFileSync(join(folder, 'bundle.js'), 'x');
  writeFileSync(join(folder, 'public', 'sounds', 'chime.mp3'), 'y');
  writeFileSync(join(folder, 'public', 'unknown.xyz'), 'z');
  const objects: SiteObject[] = [];
  await uploadSite(folder, {
    bucket: 'remotionlambda-1',
    prefix: 'sites/demo',
    putObject: async (object) => objects.push(object),
  });
  rmSync(folder, { recursive: true });

  expect(objects.every(({ bucket }) => bucket === 'remotionlambda-1')).toBe(true);
  expect(Object.fromEntries(objects.map(({ key, contentType }) => [key, contentType]))).toEqual({
    'sites/demo/index.html': 'text/html; charset=utf-8',
    'sites/demo/bundle.js': 'text/javascript; charset=utf-8',
    'sites/demo/public/sounds/chime.mp3': 'audio/mpeg',
    'sites/demo/public/unknown.xyz': 'application/octet-stream',
  });
  expect(objects.find(({ key }) => key.endsWith('index.html'))?.body.toString()).toBe('<html>');
});
