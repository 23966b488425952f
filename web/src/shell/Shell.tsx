import { lazy, Suspense, useState } from 'react';
import { FindPage } from '../find/FindPage.tsx';
import { patientOf } from '../find/opened.ts';
import { useRole } from '../session/who.ts';
import { ConnectionNote } from './ConnectionNote.tsx';
import { Header } from './Header.tsx';
import { IdleGuard } from './IdleGuard.tsx';
import { Lines } from './Lines.tsx';
import { NoPages, NotHere } from './NotHere.tsx';
import { PageGuard } from './PageGuard.tsx';
import { useRoute } from './router.ts';
import styles from './Shell.module.css';
import { pageOf, useFocusOfPage } from './useFocusOfPage.ts';
import { useHotkey } from './useHotkey.ts';

const ChartPage = lazy(() => import('../chart/ChartPage.tsx'));
const EmergencyPage = lazy(() => import('../emergency/EmergencyPage.tsx'));
const Palette = lazy(() => import('./Palette.tsx'));

/** What is around every page: the bar, the page, and what watches over the session. */
export function Shell() {
  const [palette, setPalette] = useState(false);
  const route = useRoute();
  const served = SERVED.includes(useRole());
  useFocusOfPage(pageOf(route));
  useHotkey('k', () => setPalette((open) => served && !open));
  // A wall has no bar, no palette, and hours of its own.
  if (route[0] === 'emergency' && route[1] === 'wall') {
    return (
      <PageGuard>
        <Suspense>
          <EmergencyPage route={route} />
        </Suspense>
      </PageGuard>
    );
  }
  return (
    <>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <Header served={served} onPalette={() => setPalette(true)} />
      <ConnectionNote />
      <main id="main" className={styles.main} tabIndex={-1}>
        <PageGuard key={route.slice(0, 2).join('/')}>
          <Suspense fallback={<Lines count={8} />}>
            {served ? <Page route={route} /> : <NoPages />}
          </Suspense>
        </PageGuard>
      </main>
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
      <IdleGuard />
    </>
  );
}

/** Roles for which there are pages; a sign-in that tells none is tried. */
const SERVED = [undefined, 'clinician', 'pharmacist', 'registration'];

function Page({ route }: { route: string[] }) {
  const [page, key, section] = route;
  if (page === undefined || page === 'find') return <FindPage />;
  if (page === 'emergency') return <EmergencyPage route={route} />;
  if (page === 'chart' && key) {
    const opened = patientOf(key);
    // Another patient is another page: nothing of the one before may stay on it.
    if (opened) return <ChartPage key={key} opened={opened} section={section ?? 'summary'} />;
    return <NotHere chart />;
  }
  return <NotHere />;
}
