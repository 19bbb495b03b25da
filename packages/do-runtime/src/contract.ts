// A contract names the events of both directions and types their payloads, by any Standard Schema (https://standardschema.dev).

/** The part of a Standard Schema (version 1) that is used: Zod, Valibot, ArkType and others have it. */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema answers: the value, perhaps transformed, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Events by their names. */
export type EventSchemas = Readonly<Record<string, Schema>>;

/** The events of a connection: those its clients send, and those its server sends. */
export interface Contract<
  Client extends EventSchemas = EventSchemas,
  Server extends EventSchemas = EventSchemas,
> {
  readonly client: Client;
  readonly server: Server;
}

/** What the schema lets out: the type a handler gets. */
export type OutputOf<S> = S extends Schema<infer _Input, infer Output> ? Output : never;

/** What the schema takes: the type a sender gives. */
export type InputOf<S> = S extends Schema<infer Input, infer _Output> ? Input : never;

/**
 * Names the events of a connection, to be given to `defineConnection` and to the client.
 *
 * @example
 * const events = defineContract({
 *   client: { message: payload<{ text: string }>() },
 *   server: { message: payload<{ from: string; text: string }>() },
 * });
 */
export function defineContract<Client extends EventSchemas, Server extends EventSchemas>(
  contract: Contract<Client, Server>,
): Contract<Client, Server> {
  return contract;
}

/** A schema that types a payload and lets everything through: for payloads you trust, or check yourself. */
export function payload<T>(): Schema<T> {
  return { "~standard": { version: 1, vendor: "dormouse", validate: (value) => ({ value: value as T }) } };
}

/** What came of validating a payload. */
export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

const MAX_ISSUES = 8;
const MAX_ISSUES_LENGTH = 1000;

/** Validates a payload; `message` is for the sender: it names the places and the schema's complaints, nothing else. */
export async function validate(schema: Schema, value: unknown): Promise<Validated> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { ok: true, value: result.value };
  // A sender may get any number of things wrong, and names the places.
  const message = result.issues.slice(0, MAX_ISSUES).map(describeIssue).join("; ");
  return { ok: false, message: message.slice(0, MAX_ISSUES_LENGTH) || "The schema refuses it." };
}

function describeIssue({ message, path }: SchemaIssue): string {
  if (path === undefined || path.length === 0) return message;
  const steps = path.map((step) => String(typeof step === "object" ? step.key : step));
  return `${steps.join(".")}: ${message}`;
}
