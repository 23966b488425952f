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

/**
 * The address of a Binary of this server, below its base. Whatever else stands in a document is
 * not fetched: the token of who reads it would go along.
 */
export function binaryOf(url: string | undefined, base: string): string | undefined {
  const below = url?.startsWith(`${base}/`) ? url.slice(base.length + 1) : url;
  return below && /^Binary\/(?!\.+$)[\w.-]{1,64}$/.test(below) ? below : undefined;
}

/** How the name of a saved file ends. What opens it is not for the document to choose. */
const ENDINGS: Record<string, string> = {
  'application/pdf': 'pdf',
  'application/rtf': 'rtf',
  'application/json': 'json',
  'application/dicom': 'dcm',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/tiff': 'tif',
};

/** The name under which an attachment is saved. */
export function fileName(title: string | undefined, contentType: string): string {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const ending = Object.hasOwn(ENDINGS, type) ? ENDINGS[type] : 'bin';
  const name = (title ?? '').replace(/[^\p{L}\p{N} _-]+/gu, ' ').trim();
  return `${name.slice(0, 80) || 'document'}.${ending}`;
}
