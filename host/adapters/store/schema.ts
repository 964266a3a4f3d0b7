// The tables of docs/spec/store.md. A schema's number is how many of its migrations have run; each takes the one before it one
// further, and a migration that has been released never changes.

export interface Schema {
  /** Whose store it is, as a refusal says it. */
  readonly whose: "meter" | "hub";
  readonly applicationId: number;
  /** A table that every store of schema 1 has had since schema 1 was finished. */
  readonly mark: string;
  readonly migrations: readonly string[];
}

const HOUSE_1 = `
CREATE TABLE ledgers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('grid', 'generation', 'load', 'battery', 'beside')),
  fuse_w INTEGER NOT NULL,
  patience_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE accounts (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 0 AND 3),
  cumulative_uwh INTEGER NOT NULL,
  unallocated_wh INTEGER NOT NULL,
  dropped_wh INTEGER NOT NULL,
  open_mark_wh INTEGER NOT NULL,
  PRIMARY KEY (ledger, quantity)
) STRICT, WITHOUT ROWID;
CREATE TABLE open_half_hours (
  ledger INTEGER PRIMARY KEY REFERENCES ledgers,
  from_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  seen INTEGER NOT NULL CHECK (seen IN (0, 1)),
  flags INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 15)
) STRICT;
CREATE TABLE cursors (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  doubt INTEGER NOT NULL CHECK (doubt IN (0, 1)),
  at_ms INTEGER NOT NULL,
  device TEXT NOT NULL,
  boot INTEGER NOT NULL,
  import_uwh INTEGER, export_uwh INTEGER, import_uvarh INTEGER, export_uvarh INTEGER,
  base_import_uwh INTEGER, base_export_uwh INTEGER, base_import_uvarh INTEGER, base_export_uvarh INTEGER,
  span_uwh INTEGER,
  PRIMARY KEY (ledger, doubt)
) STRICT, WITHOUT ROWID;
CREATE TABLE half_hours (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  end_s INTEGER NOT NULL,
  import_wh INTEGER, export_wh INTEGER, import_varh INTEGER, export_varh INTEGER,
  flags INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 15),
  PRIMARY KEY (ledger, end_s)
) STRICT, WITHOUT ROWID;
CREATE TABLE meter (
  name TEXT NOT NULL
) STRICT;
CREATE TABLE rates (
  device TEXT PRIMARY KEY,
  rate_ppb INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE ignored (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  kind TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (ledger, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  id INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (ledger, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE esmes (
  ledger INTEGER PRIMARY KEY REFERENCES ledgers,
  until_ms INTEGER
) STRICT;
CREATE TABLE sections (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (ledger, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_entries (
  ledger INTEGER NOT NULL REFERENCES ledgers,
  log TEXT NOT NULL,
  id INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (ledger, log, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE progress (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('push', 'request', 'answer')),
  body BLOB NOT NULL CHECK (length(body) <= 65536)
) STRICT;
CREATE TABLE inbox (
  peer TEXT PRIMARY KEY,
  last_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const HUB_1 = `
CREATE TABLE hub (
  name TEXT NOT NULL
) STRICT;
CREATE TABLE meters (
  meter TEXT PRIMARY KEY,
  last_id INTEGER NOT NULL,
  next_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE received (
  seq INTEGER PRIMARY KEY,
  meter TEXT NOT NULL REFERENCES meters,
  id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('push', 'request', 'answer')),
  received_ms INTEGER NOT NULL,
  body BLOB NOT NULL CHECK (length(body) <= 65536),
  UNIQUE (meter, id)
) STRICT;
CREATE TABLE outbox (
  meter TEXT NOT NULL REFERENCES meters,
  id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('push', 'request', 'answer')),
  body BLOB NOT NULL CHECK (length(body) <= 65536),
  PRIMARY KEY (meter, id)
) STRICT, WITHOUT ROWID;
`;

/** A check: the ledger beside whose source it stands. Its own `role` is "load" and means nothing. */
const HOUSE_2 = "ALTER TABLE ledgers ADD COLUMN check_of TEXT;";

export const HOUSE: Schema = {
  whose: "meter",
  applicationId: 0x4553_4d45,
  mark: "sections",
  migrations: [HOUSE_1, HOUSE_2],
};
export const HUB: Schema = { whose: "hub", applicationId: 0x4553_4855, mark: "received", migrations: [HUB_1] };
