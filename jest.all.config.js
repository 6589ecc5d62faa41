import config from './jest.config.js';

/** Every test: also those that `npm test` leaves out, `*.all.test.ts`. */
export default { ...config, testPathIgnorePatterns: [] };
