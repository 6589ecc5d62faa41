import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../bin/conformance.ts', import.meta.url));
const cases = fileURLToPath(new URL('cases/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));

afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n'), stderr };
}

describe('npm run conformance', () => {
  it('ends with the counts and exits 0 when nothing fails', () => {
    const { status, lines } = run(cases);
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, 0 refused$/);
    expect(status).toBe(0);
  });

  it('prints a line per mismatch and exits 1', () => {
    const name = 'wait-seconds-from-the-state-before.json';
    cpSync(join(cases, name), join(folder, 'good.json'));
    const text = readFileSync(join(cases, name), 'utf8');
    writeFileSync(join(folder, 'bad.json'), text.replace('SUCCEEDED', 'FAILED'));
    writeFileSync(join(folder, 'broken.json'), '{"input": {}}');
    const jsonPath = text.replace(/"QueryLanguage": "JSONata",/g, '');
    writeFileSync(join(folder, 'jsonpath.json'), jsonPath);
    const { status, lines } = run(folder);
    expect(lines).toEqual([
      'bad: failed at /status: expected "FAILED", was "SUCCEEDED"',
      expect.stringContaining('broken: failed at case'),
      expect.stringContaining('jsonpath: refused: /States/Wait/Seconds'),
      '1 passed, 2 failed, 1 refused',
    ]);
    expect(status).toBe(1);
  });

  it.each([
    ['no folder', []],
    ['a folder that is not there', ['/no/such/folder']],
    ['a folder without cases', [fileURLToPath(new URL('../../../bin/', import.meta.url))]],
    ['two folders', [cases, cases]],
  ])('exits 2 and says how to call it for %s', (_what, args) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain('Usage: npm run conformance -- DIR');
    expect(status).toBe(2);
  });
});
