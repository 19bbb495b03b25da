// For guards that compare what a request brings with a secret.

/**
 * Whether `given` is `secret`, in a time that reveals nothing about either.
 *
 * False if `given` is missing, and false for anything while the secret itself is missing or empty.
 *
 * @example
 * inspectGuard: (request, env) => isSecret(new URL(request.url).searchParams.get("token"), env.INSPECT_TOKEN),
 */
export async function isSecret(
  given: string | null | undefined,
  secret: string | undefined,
): Promise<boolean> {
  const [one, other] = await Promise.all([digest(given ?? ""), digest(secret ?? "")]);
  let difference = 0;
  one.forEach((byte, index) => {
    difference |= byte ^ (other[index] ?? 0);
  });
  return difference === 0 && typeof given === "string" && secret !== undefined && secret !== "";
}

/** Of the same length whatever it is of, so that comparing digests doesn't tell the secret's length either. */
async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
