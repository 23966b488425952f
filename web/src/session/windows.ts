/**
 * What the windows of one browser tell each other. They share the session at the server: who is
 * active in one is there, and who signs out in one has left all of them.
 */
export type Word = 'used' | 'out';

const channel = new BroadcastChannel('accord');

/** Tells the other windows. */
export function tellWindows(word: Word): void {
  channel.postMessage(word);
}

/** Calls back when another window tells this; gives what ends it. */
export function whenTold(word: Word, then: () => void): () => void {
  const heard = (event: MessageEvent) => {
    if (event.data === word) then();
  };
  channel.addEventListener('message', heard);
  return () => channel.removeEventListener('message', heard);
}
