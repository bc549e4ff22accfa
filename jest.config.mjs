export default {
  testSequencer: '<rootDir>/scripts/longest-first.mjs',
  testEnvironment: '<rootDir>/__tests__/support/telling-environment.mjs',
  extensionsToTreatAsEsm: ['.ts', '.py'],
  transform: {
    '\\.py$': '<rootDir>/__tests__/support/text-transform.mjs',
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  // end-to-end tests build images; a hang shows as this limit, not as jest's own 5 s on a busy machine
  testTimeout: 120_000,
  modulePathIgnorePatterns: ['<rootDir>/examples/'],
};
