import { availableParallelism } from "node:os";

// TypeScript by esbuild, to CommonJS: jest's own ESM mode needs a flag of Node's, and some libraries are ESM only.
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  // test/real starts real servers: npm run test:real
  testPathIgnorePatterns: process.env.REAL ? [] : ["<rootDir>/test/real/"],
  testMatch: ["**/*.test.ts"],
  // Not a promise of speed: a machine that does other things must not fail a test that only waits.
  testTimeout: 60_000,
  // One more than there are cores: many suites wait for other programs. By itself jest leaves one core idle, of two half the machine.
  maxWorkers: availableParallelism() + 1,
  transform: { "\\.(ts|mjs|js|sql|cnf|sh|py|tmpl|css)$": "<rootDir>/test/transform.cjs" },
  moduleFileExtensions: ["ts", "js", "mjs", "cjs", "json"],
  moduleNameMapper: { "^echarts/\\w+$": "<rootDir>/test/echarts.mjs" },
  // Libraries that are ES modules only.
  transformIgnorePatterns: ["/node_modules/(?!@kubernetes/client-node/|@scure/|@noble/|age-encryption/)"],
};
