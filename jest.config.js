import { join } from 'node:path';

// What the CDK finds in a template has tests of its own; in every other one it would take seconds.
process.env.CDK_VALIDATION = 'false';
// Most processes that tests start are commands of this project, which compile in half the time what was kept.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.cache', 'compiled');

/** Tests run as ES modules, as the functions and the app do. */
export default {
  testEnvironment: 'node',
  // Both cores of a small machine; jest would leave one free.
  maxWorkers: '100%',
  // Time tells nothing about a test on a busy machine.
  testTimeout: 600_000,
  roots: ['<rootDir>/test'],
  // What takes long is in `npm run test:all`.
  testPathIgnorePatterns: ['\\.all\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript', tsx: false }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
};
