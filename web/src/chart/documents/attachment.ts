/** The bytes of an attachment. */
export function bytes(encoded: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(encoded.replace(/\s/g, '')), (c) => c.charCodeAt(0));
}

/** What is shown as it is; HTML is not, since nothing that was sent may run here. */
export function isText(contentType: string): boolean {
  return /^text\/(plain|markdown|csv)\b/i.test(contentType);
}

/** The text of an attachment in its own character set. */
export function textOf(encoded: string, contentType: string): string {
  const charset = /charset=([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes(encoded));
  } catch {
    return new TextDecoder().decode(bytes(encoded));
  }
}
