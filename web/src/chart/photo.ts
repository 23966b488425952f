import type { Attachment } from 'fhir/r4';

/** Largest picture that is drawn, in bytes: it comes with every reading of the person. */
export const MOST_BYTES = 1_000_000;

/** How files of each type begin. What says it is a picture and begins otherwise is not drawn. */
const BEGINS: Record<string, readonly number[]> = {
  'image/jpeg': [0xff, 0xd8, 0xff],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
};

/** The picture of an attachment that has its bytes inside; addresses elsewhere are not followed. */
export function imageOf(photo: Attachment | undefined): Blob | undefined {
  const type = photo?.contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const begins = Object.hasOwn(BEGINS, type) ? BEGINS[type] : undefined;
  if (!begins || !photo?.data || photo.data.length > (MOST_BYTES * 4) / 3 + 4) return undefined;
  try {
    const bytes = Uint8Array.from(atob(photo.data), (letter) => letter.charCodeAt(0));
    const fits = begins.every((byte, i) => bytes[i] === byte);
    return fits && bytes.length <= MOST_BYTES ? new Blob([bytes], { type }) : undefined;
  } catch {
    return undefined;
  }
}
