import config from './jest.config.js';

/** Every test: also those that `npm test` leaves out, `*.all.test.ts`. */
export default {
  ...config,
  testPathIgnorePatterns: [],
  // Less than any process has: each file gets a process of its own, as some put theirs on virtual time for good.
  workerIdleMemoryLimit: '1MB',
};
