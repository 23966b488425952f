import { Store } from './store.ts';

/** Whether the server answers. */
class Connection {
  readonly state = new Store<'found' | 'lost'>('found');

  /** The server has answered something; an answer that was under way says nothing of now. */
  found(): void {
    if (navigator.onLine) this.state.set('found');
  }

  /** A request had no answer. */
  lost(): void {
    this.state.set('lost');
  }

  /** Asks whether the server is there again. */
  async retry(): Promise<boolean> {
    try {
      const response = await fetch('/health', { cache: 'no-store' });
      if (response.ok) this.found();
      return response.ok;
    } catch {
      this.lost();
      return false;
    }
  }
}

export const connection = new Connection();

addEventListener('offline', () => connection.lost());
addEventListener('online', () => void connection.retry());
