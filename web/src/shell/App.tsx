import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { FhirError } from '../fhir/outcome.ts';
import { SessionProvider } from '../session/SessionContext.tsx';
import { state, whenForgotten } from '../session/session.ts';
import { Shell } from './Shell.tsx';
import { SignInPage } from './SignInPage.tsx';
import { useStore } from './store.ts';
import { ThemeVariables } from './ThemeVariables.tsx';
import { themeOfSite } from './theme.ts';

const KioskPage = lazy(() => import('../kiosk/KioskPage.tsx'));

/** Answers are kept in memory, for as long as somebody is signed in. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      // What was refused stays refused; what had no answer is asked again.
      retry: (count, fault) =>
        fault instanceof FhirError && [0, 503].includes(fault.status) && count < 2,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

whenForgotten(() => queries.clear());

/** Light or dark is the only thing that a machine remembers. */
const schemes = localStorageColorSchemeManager({ key: 'accord.look' });

/** Who is signed in sees the shell, everybody else the way in. */
export function App() {
  return (
    <MantineProvider
      theme={themeOfSite()}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      withCssVariables={false}
      withGlobalClasses={false}
      withStaticClasses={false}
    >
      <ThemeVariables />
      <QueryClientProvider client={queries}>
        <Inside />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Inside() {
  const now = useStore(state);
  if (now.kind === 'starting') return null;
  if (now.kind === 'kiosk') {
    return (
      <Suspense>
        <KioskPage session={now.session} />
      </Suspense>
    );
  }
  if (now.kind === 'out') return <SignInPage reason={now.reason} />;
  return (
    <SessionProvider value={now.session}>
      <Shell />
    </SessionProvider>
  );
}
