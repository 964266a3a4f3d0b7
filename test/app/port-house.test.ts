// `esme run --port`: the ledgers of the board that is there.

import { expect, test } from "vitest";
import { houseOfPort } from "../../host/app/config/house.js";
import { asTheBoardIs, type Known, refuseMissingChannel } from "../../host/app/port-house.js";

const names = (known: Known) => asTheBoardIs(houseOfPort("p"), known).sources.map(({ name }) => name);
const ALL = ["grid", "generation", "load"];

test("a board without a third channel gets no ledger for it, the first time and ever after", () => {
  expect(names({ kind: "asked", kinds: ["v", "ct", "ct", "none", "sum"] })).toEqual(["grid", "generation"]);
  expect(names({ kind: "metered", ledgers: ["grid", "generation"] })).toEqual(["grid", "generation"]);
});

test("a clamp board gets all three; so does a house of which only the grid is known", () => {
  expect(names({ kind: "asked", kinds: ["v", "ct", "ct", "ct", "sum"] })).toEqual(ALL);
  expect(names({ kind: "metered", ledgers: [...ALL, "roof"] })).toEqual(ALL);
  expect(names({ kind: "metered", ledgers: ["grid"] })).toEqual(ALL);
});

test("a configuration that names a channel which is not there is refused", () => {
  const house = houseOfPort("p");
  expect(() => refuseMissingChannel(house, "p", ["v", "ct", "ct", "none", "sum"])).toThrow(
    "load is channel 3 of the board at p, which has channels 1, 2, 4",
  );
  refuseMissingChannel(house, "p", ["v", "ct", "ct", "ct", "sum"]);
  refuseMissingChannel(house, "another", ["v"]);
});
