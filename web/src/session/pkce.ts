/** Proof Key for Code Exchange (RFC 7636), the method S256. */

const text = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** A secret that cannot be guessed, in letters that need no encoding. */
export function secret(): string {
  return text(crypto.getRandomValues(new Uint8Array(32)));
}

/** What is shown of a verifier before it is told. */
export async function challenge(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return text(new Uint8Array(digest));
}

/** The claims of a token, unchecked: it came from the server itself, over its own connection. */
export function claims(token: string | undefined): Record<string, unknown> {
  const middle = token?.split('.')[1];
  if (!middle) return {};
  try {
    const bytes = atob(middle.replaceAll('-', '+').replaceAll('_', '/'));
    const utf8 = Uint8Array.from(bytes, (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(utf8)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
