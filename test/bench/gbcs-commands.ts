// The commands of the bench: the official ones' forms and lengths, from parties with keys made here to a meter that has metered for
// thirteen months, so that nothing is needed but the repository.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { keyringOf } from "../../host/adapters/keys/keyring.js";
import type { Party } from "../../host/adapters/keys/keystore.js";
import { sharedSecret } from "../../host/adapters/keys/p256.js";
import { COMMAND, encodeBody, euiOctets, framed, type Message, signedBytes } from "../../host/gbcs/frame.js";
import type { Keyring, Role } from "../../host/gbcs/keyring.js";
import { deriveKey, macOf, signatureOf } from "../../host/gbcs/security.js";
import { useCaseOf } from "../../host/gbcs/use-cases.js";
import type { Esme } from "../../host/ledger/esme.js";
import { settled } from "../../host/ledger/state/words.js";
import { turnEsme } from "../../host/ledger/turn-esme.js";
import type { Utc_ms } from "../../host/ledger/units.js";
import { type AccessItem, encodeAccessRequest, rangeParameters } from "../../host/wire/dlms/access.js";
import { bool, type Data, NULL, octets, u32 } from "../../host/wire/dlms/data.js";
import { encodeDateTime } from "../../host/wire/dlms/date-time.js";
import { encodeProtectedRequest } from "../../host/wire/dlms/protected.js";
import { filling, meterToFill, START } from "../ledger/full-meter.js";
import { prices, specialOf, tableOf } from "../ledger/tariff-helpers.js";

/** All half hours that a meter keeps: 13 months. */
const HALF_HOURS = 19_056;
const HALF_HOUR_ms = 1_800_000;
const NOW = (START + HALF_HOURS * HALF_HOUR_ms) as Utc_ms;
const EPOCH_2000_ms = Date.UTC(2000, 0, 1);
const DAY_ms = 48 * HALF_HOUR_ms;
/** A month ago, and the day after it: somewhere within the store. */
const DAY = [NOW - 30 * DAY_ms, NOW - 29 * DAY_ms] as const;

const METER = "00db1234567890a0";
const BROKER = "90b3d51f30000002";
const SUPPLIER = "90b3d51f30010000";
const OPERATOR = "90b3d51f30020000";
const COUNTER = 0x3e9n;

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
interface Keys {
  readonly signing: ReturnType<typeof keyPair>;
  readonly agreement: ReturnType<typeof keyPair>;
}
const keys = (): Keys => ({ signing: keyPair(), agreement: keyPair() });
export const meterKeys = keys();
const parties: ReadonlyMap<string, Keys & { readonly role: Role }> = new Map([
  [BROKER, { role: "accessControlBroker" as const, ...keys() }],
  [SUPPLIER, { role: "supplier" as const, ...keys() }],
  [OPERATOR, { role: "networkOperator" as const, ...keys() }],
]);

export const keyring: Keyring = keyringOf(
  { identity: METER, signing: meterKeys.signing.privateKey, agreement: meterKeys.agreement.privateKey },
  new Map(
    [...parties].map(([eui, { role, signing, agreement }]): [string, Party] => [
      eui,
      { role, signing: signing.publicKey, agreement: agreement.publicKey, agreementPrivate: null },
    ]),
  ),
);

export interface BenchCommand {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly brokerKey: KeyObject;
  /** The public keys of who sent it. */
  readonly agreementKey: KeyObject;
  readonly signingKey: KeyObject;
}

/** A meter of which every half hour is there, with a tariff of two seasons. */
export function meterOfThirteenMonths(): { readonly esme: Esme; readonly at: Utc_ms } {
  let esme = meterToFill();
  const table = tableOf({ summer: "04-01 1 1 1 1 1 2 2", winter: "10-01 2 2 2 2 2 1 1" }, [
    "00:00 TOU 1, 07:00 TOU 2, 16:00 TOU 3, 19:00 TOU 2",
    "00:00 blocks of TOU 1, 02:30 TOU 4, 05:30 blocks of TOU 1",
  ]);
  const tariff = {
    tariffSwitchingTable: settled(table),
    tariffSwitchingTableSpecialDays: settled(specialOf({ "12-25": 1, "12-26": 1 })),
  };
  esme = { ...esme, state: { ...esme.state, ...tariff } };
  for (const events of filling(HALF_HOURS)) for (const event of events) esme = turnEsme(esme, event).esme;
  // The last prices of the filling are more than 16 bits tell.
  const { state } = esme;
  esme = { ...esme, state: { ...state, tariffBlockPriceMatrixTOU: prices([2_121, 1_804, 3_546, 902]) } };
  return { esme, at: (NOW + 60_000) as Utc_ms };
}

export function commands(): readonly BenchCommand[] {
  return [
    command("ECS17a", OPERATOR, 0x0026, reads(["3/1-0:2.8.0.255", 2, 3], ["3/1-0:4.8.0.255", 2, 3])),
    command("ECS17b", SUPPLIER, 0x0027, [sealed("0-0:43.2.8.255", 1, "0-0:94.44.34.10", false)]),
    command("ECS22a", OPERATOR, 0x0036, [log("0-0:99.1.1.255", ...DAY)]),
    command("ECS22b", SUPPLIER, 0x0037, [sealed("0-0:43.2.7.255", 7, "0-0:99.1.0.255", true)]),
    command("ECS24", SUPPLIER, 0x003a, TARIFF),
    command("ECS35a", SUPPLIER, 0x0048, [log("0-0:99.98.0.255", NOW - 200 * DAY_ms, NOW)]),
    command("ECS28a", SUPPLIER, 0x0043, LOAD_LIMIT),
  ];
}

const item = (kind: AccessItem["kind"], object: string, index: number, data: Data = NULL): AccessItem => {
  const [of, obis = ""] = object.split("/");
  return { kind, class: Number(of), obis, index, selection: null, data };
};

function reads(...objects: readonly (readonly [object: string, ...attributes: number[]])[]): readonly AccessItem[] {
  return objects.flatMap(([object, ...attributes]) => attributes.map((index) => item("get", object, index)));
}

const TARIFF = reads(
  ["3/0-0:94.44.1.7", 2, 3],
  ["20/0-0:13.0.0.255", 3, 4, 5],
  ["11/0-0:11.0.0.255", 2],
  ...[11, 12, 13, 14, 15, 16, 17, 18].map((d) => [`21/0-0:16.0.${d}.255`, 2] as const),
  ["9000/0-0:94.44.2.0", 2],
  ["113/0-0:19.20.4.255", 5],
  ["113/0-0:19.20.0.255", 5],
);

const AT_ONCE = octets(encodeDateTime({ kind: "now" }));
const LOAD_LIMIT = [
  ...(
    [
      ["94.44.0.3", bool(true)],
      ["94.44.128.7", u32(6_900)],
      ["94.44.128.6", u32(300)],
      ["94.44.128.8", u32(30)],
    ] as const
  ).map(([obis, data]) => item("set", `9000/0-0:${obis}`, 4, data)),
  ...["94.44.0.3", "94.44.128.7", "94.44.128.6", "94.44.128.8"].map((obis) =>
    item("set", `9000/0-0:${obis}`, 6, AT_ONCE),
  ),
];

function log(obis: string, from: number, to: number): AccessItem {
  const [from_s, to_s] = [from, to].map((at) => (at - EPOCH_2000_ms) / 1_000) as [number, number];
  return { ...item("get", `7/${obis}`, 2), selection: { selector: 1, parameters: rangeParameters(from_s, to_s) } };
}

/** A read of one attribute that is answered encrypted. */
function sealed(by: string, of: number, obis: string, ofTheDay: boolean): AccessItem {
  const [from, to] = DAY.map((utc_ms) => encodeDateTime({ kind: "moment", utc_ms })) as [Uint8Array, Uint8Array];
  const attributes = [{ class: of, obis, index: 2, range: ofTheDay ? { from, to } : null }];
  const transactionId = new Uint8Array(9);
  transactionId[0] = 4;
  new DataView(transactionId.buffer).setBigUint64(1, COUNTER);
  const none = new Uint8Array(0);
  const parties = { originator: euiOctets(SUPPLIER), recipient: euiOctets(METER) };
  const protection = { transactionId, ...parties, other: none, key: none };
  return item("action", `30/${by}`, 1, encodeProtectedRequest({ attributes, protection }));
}

function command(name: string, originator: string, messageCode: number, items: readonly AccessItem[]): BenchCommand {
  const [party, broker] = [parties.get(originator), parties.get(BROKER)];
  if (party === undefined || broker === undefined) throw new Error(`nobody is ${originator}`);
  const unsigned: Message = {
    cra: COMMAND,
    counter: COUNTER,
    originator,
    recipient: METER,
    time: null,
    messageCode,
    supplementary: null,
    content: encodeAccessRequest({ invokeId: Number(COUNTER), items }),
    signature: null,
    mac: null,
  };
  const signature =
    useCaseOf(messageCode)?.critical === true ? signatureOf(party.signing.privateKey, signedBytes(unsigned)) : null;
  const body = encodeBody({ ...unsigned, signature });
  const secret = sharedSecret(broker.agreement.privateKey, meterKeys.agreement.publicKey);
  const mac = macOf(deriveKey(secret, originator, COMMAND, COUNTER, METER), originator, body);
  return {
    name,
    bytes: framed(body, mac),
    brokerKey: broker.agreement.publicKey,
    agreementKey: party.agreement.publicKey,
    signingKey: party.signing.publicKey,
  };
}
