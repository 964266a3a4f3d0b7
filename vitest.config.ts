// How the tests are run.
import { configDefaults, defineConfig } from "vitest/config";

/** They wait for real ports most of their time: `.ci/run` has them, `npm test` would take longer than five minutes. */
const CI_ONLY = ["test/app/calibrate-modbus.test.ts", "test/app/doctor.test.ts", "test/sim/modbus-process.test.ts"];

// Two cores: at most two executed boards at once, so at most two test files.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(process.env.ESME_PROOF === "ci" ? [] : CI_ONLY)],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
