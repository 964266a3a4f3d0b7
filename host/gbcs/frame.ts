// A GBCS message: the optional MAC header, the grouping header, the payload, the signature, the MAC. docs/spec/gbcs.md, "A message".

/** An EUI-64 as 16 lower-case hexadecimal digits. */
export type Eui = string;
