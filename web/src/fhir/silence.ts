/** Ends what says nothing for so long. */
export class Silence {
  readonly #late = new AbortController();
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.#heard();
  }

  /** What is ended listens to this. */
  get signal(): AbortSignal {
    return this.#late.signal;
  }

  /** The same answer, listened to until it is whole. */
  until(response: Response): Response {
    const { body } = response;
    if (!body) {
      this.end();
      return response;
    }
    this.#heard();
    const listening = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (piece, onwards) => {
        this.#heard();
        onwards.enqueue(piece);
      },
    });
    // What broke off is told to whoever reads.
    void body
      .pipeTo(listening.writable)
      .catch(() => undefined)
      .finally(() => this.end());
    return new Response(listening.readable, response);
  }

  /** There is nothing to listen to any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #heard(): void {
    clearTimeout(this.#timer);
    const late = () => this.#late.abort(new DOMException('silent for too long', 'TimeoutError'));
    this.#timer = setTimeout(late, this.#ms);
  }
}
