// How the tests are run.
import { configDefaults, defineConfig } from "vitest/config";

/** They wait for real ports most of their time: `.ci/run` has them, `npm test` would take longer than five minutes. */
const CI_ONLY = ["test/app/calibrate-modbus.test.ts", "test/app/doctor.test.ts", "test/sim/modbus-process.test.ts"];

/** They reckon and start nothing: one worker runs file after file of them, which saves loading the same modules each time. */
const PURE = "test/{conformance,document,gbcs,hardware,lab,ledger,meter,models,wire}{.test.ts,/**/*.test.ts}";

const excluded = [...configDefaults.exclude, ...(process.env.ESME_PROOF === "ci" ? [] : CI_ONLY)];

// Two cores: at most two executed boards at once, so at most two test files.
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "pure", include: [PURE], exclude: excluded, isolate: false } },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"], exclude: [...excluded, PURE] } },
    ],
  },
});
