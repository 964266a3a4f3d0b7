// The official reference messages, their published test keys and the table of use cases, where they are beside the repository.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface ReferenceMessage {
  readonly useCase: string;
  readonly srv: string;
  readonly name: string;
  readonly kind: "command" | "precommand" | "response" | "alert";
  readonly hex: string;
}

export interface ReferenceKey {
  readonly x: string;
  readonly y: string;
  readonly testScalar?: string;
}
export type ReferenceKeystore = {
  readonly [eui: string]: { readonly [use in "ds" | "ka" | "pp-ka"]?: ReferenceKey };
};

export interface ReferenceItem {
  readonly object: string;
  readonly field: string;
  readonly class: number | string;
  readonly obis: string;
  readonly attribute?: number | string;
  readonly method?: number | string;
  readonly type: string;
  readonly constant?: string;
}
export interface ReferenceUseCase {
  readonly useCase: string;
  readonly messageCode: string;
  readonly title: string;
  readonly messageType: string;
  readonly replayProtected: string;
  readonly futureDatable: string;
  readonly roles: readonly string[];
  readonly encrypted: boolean;
  readonly items: readonly ReferenceItem[];
}

export interface Reference {
  readonly messages: readonly ReferenceMessage[];
  readonly keystore: ReferenceKeystore;
  readonly useCases: readonly ReferenceUseCase[];
}

/** A command and the response to it, by their names. */
export interface ReferencePair {
  readonly name: string;
  readonly useCase: string;
  readonly command: ReferenceMessage;
  readonly response: ReferenceMessage;
}

const FOLDER = fileURLToPath(new URL("../../../shared/gbcs/", import.meta.url));
const read = (name: string) => readFileSync(`${FOLDER}${name}`, "utf8");

export const reference: Reference | null = existsSync(FOLDER)
  ? {
      messages: read("rtds.jsonl")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as ReferenceMessage),
      keystore: JSON.parse(read("keystore.json")) as ReferenceKeystore,
      useCases: JSON.parse(read("use-cases.json")) as ReferenceUseCase[],
    }
  : null;
/** The published test keys as a file. */
export const KEYSTORE = `${FOLDER}keystore.json`;
export const WHERE = "the reference messages are not at ../shared/gbcs beside the repository";

/** Pairs of the electricity meter's use cases. */
export function pairs(messages: readonly ReferenceMessage[]): readonly ReferencePair[] {
  const responses = messages.filter((one) => one.kind === "response" && one.useCase.startsWith("ECS"));
  return responses.flatMap((response) => {
    const name = response.name.replace(/_RESPONSE$/, "");
    const command = messages.find((one) => one.kind === "command" && one.name === `${name}_COMMAND`);
    return command === undefined ? [] : [{ name, useCase: response.useCase, command, response }];
  });
}
