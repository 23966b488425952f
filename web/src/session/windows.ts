/**
 * What the windows of one browser tell each other. Those of one person share the session at the
 * server: who is active in one is there, and who signs out in one has left all of them. Windows of
 * somebody else are none of their business.
 */
type Word = 'used' | 'out' | 'who lives?' | 'I do';

interface Told {
  word: Word;
  person: string;
}

/** How long a window has to say that it lives, in ms. */
const ANSWER_MS = 500;

const channel = new BroadcastChannel('accord');

/** Tells the other windows of a person. */
export function tellWindows(word: Word, person: string): void {
  channel.postMessage({ word, person } satisfies Told);
}

/** Calls back when a window tells this, with of whom; gives what ends it. */
export function whenTold(word: Word, then: (person: string) => void): () => void {
  const heard = (event: MessageEvent<Told>) => {
    if (event.data.word === word) then(event.data.person);
  };
  channel.addEventListener('message', heard);
  return () => channel.removeEventListener('message', heard);
}

/** Whether a person has another window, which says so. */
export function hasAnother(person: string): Promise<boolean> {
  return new Promise((done) => {
    const answer = (lives: boolean) => {
      deaf();
      clearTimeout(timer);
      done(lives);
    };
    const deaf = whenTold('I do', (who) => who === person && answer(true));
    const timer = setTimeout(() => answer(false), ANSWER_MS);
    tellWindows('who lives?', person);
  });
}
