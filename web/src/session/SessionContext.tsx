import { createContext, useContext } from 'react';
import type { Fhir } from '../fhir/client.ts';
import type { Session } from './session.ts';

const Context = createContext<Session | undefined>(undefined);

export const SessionProvider = Context.Provider;

/** The session; only pages inside the shell ask. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('nobody is signed in');
  return session;
}

/** The FHIR interface in the name of who is signed in. */
export function useFhir(): Fhir {
  return useSession().fhir;
}
