/** Server-sent events as they come over a wire (HTML, server-sent events §9.2.6). */

/** Something that was told. */
export interface Told {
  event: string;
  data: string;
}

/** Reads pieces of text in any cut, and remembers the last position. */
export class EventReader {
  /** The last `id`, to be sent with the next connection. */
  position = '';
  #rest = '';
  #event = '';
  #data: string[] = [];

  /** The events that a piece completes. */
  read(piece: string): Told[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): Told[] {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field === 'data') this.#data.push(value);
    if (field === 'id' && !value.includes('\0')) this.position = value;
    return [];
  }

  #end(): Told[] {
    const told = { event: this.#event || 'message', data: this.#data.join('\n') };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty ? [] : [told];
  }
}
