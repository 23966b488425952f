import { claimOf, claims } from '../access/claims.ts';
import { TakeAccess } from '../access/TakeAccess.tsx';
import { formal, pick } from '../fhir/name.ts';
import type { Opened } from '../find/opened.ts';
import { useRole } from '../session/who.ts';
import { useTitle } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import { useStore } from '../shell/store.ts';
import styles from './Closed.module.css';
import { useReload } from './first.ts';

/** In the place of a chart that does not exist for me: nothing about why, and what may be done. */
export function Closed({ opened }: { opened: Opened }) {
  useTitle('No chart', site().name);
  const reload = useReload(opened.id);
  const role = useRole();
  const claim = claimOf(useStore(claims), opened.id);
  const treats = role === undefined || role === 'clinician' || role === 'pharmacist';
  return (
    <section className={styles.closed}>
      <h1>No chart for you</h1>
      {opened.known.name && (
        <p>
          <bdi>{formal(pick(opened.known.name))}</bdi>
        </p>
      )}
      <p>
        Either there is no such record, or it is not open to you. It opens when your organisation
        has a relationship with the person, such as a visit or a referral.
      </p>
      {claim && (
        <p role="status">
          You have taken access, and there is still nothing that is open to you: what there is may
          be kept by an organisation that shares nothing with yours.
        </p>
      )}
      {treats && <TakeAccess patient={opened.id} onTaken={reload} />}
    </section>
  );
}
