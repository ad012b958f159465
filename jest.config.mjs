// TypeScript by swc, to CommonJS: jest's own ESM mode needs a flag of Node's, and some libraries are ESM only.
const swc = ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }];

export default {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  // test/real starts real servers: npm run test:real
  testPathIgnorePatterns: process.env.REAL ? [] : ["<rootDir>/test/real/"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "\\.(ts|mjs|js)$": swc,
    "\\.(sql|cnf|sh|py)$": "<rootDir>/test/text-transform.cjs",
  },
  moduleFileExtensions: ["ts", "js", "mjs", "cjs", "json"],
  transformIgnorePatterns: [
    "/node_modules/(?!(execa|@sindresorhus|figures|get-stream|human-signals|is-plain-obj|is-stream|is-unicode-supported|npm-run-path|parse-ms|path-key|pretty-ms|strip-final-newline|unicorn-magic|yoctocolors|fast-check|pure-rand)/)",
  ],
};
