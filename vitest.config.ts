// How the tests are run.
import { defineConfig } from "vitest/config";

// Two cores: at most two executed boards at once, so at most two test files.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 60_000, maxWorkers: 2 },
});
