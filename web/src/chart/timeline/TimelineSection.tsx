import { Button } from '@mantine/core';
import { MONTHS } from '../../fhir/dates.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import note from '../../shell/Note.module.css';
import pages from '../parts/Pages.module.css';
import { Told } from '../parts/Stands.tsx';
import type { Event, Missing } from './events.ts';
import styles from './TimelineSection.module.css';
import { useTimeline } from './useTimeline.ts';

/** Everything in the order in which it happened, the newest first, by months. */
export function TimelineSection({ id }: { id: string }) {
  const { events, missing, fault, loading, more, loadingMore, again } = useTimeline(id);
  const months = Map.groupBy(events, monthOf);
  return (
    <section className={pages.section}>
      <h2>Timeline</h2>
      {loading && <Lines count={10} />}
      {fault !== undefined && <FaultNote fault={fault} retry={again} />}
      {missing.length > 0 && <Gaps missing={missing} again={again} />}
      {!loading && fault === undefined && missing.length === 0 && events.length === 0 && (
        <p className="soft">Nothing is recorded.</p>
      )}
      {[...months].map(([month, inMonth]) => (
        <section key={month} className={styles.month}>
          <h3>{month}</h3>
          <ul>
            {inMonth.map((event) => (
              <li key={event.key} className={styles.event}>
                <span className="soft number">{event.when}</span>
                <span className={styles.kind}>{event.kind}</span>
                <span>
                  {event.sealed ? (
                    <em className="soft">Sealed entry</em>
                  ) : (
                    <Told as={event.standing}>{event.text}</Told>
                  )}
                  {event.more && <span className="soft"> · {event.more}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {more && (
        <Button variant="default" onClick={more} disabled={loadingMore}>
          {loadingMore ? 'Loading …' : 'Show older'}
        </Button>
      )}
    </section>
  );
}

/** What the timeline does not have, so that nobody takes it for all there is. */
function Gaps({ missing, again }: { missing: Missing[]; again: () => void }) {
  const failed = missing.filter(({ refused }) => !refused);
  return (
    <div className={`${note.note} ${note.warn}`} role="alert">
      {missing.map(({ kind, refused }) => (
        <p key={kind}>
          <strong>{kind}</strong> {refused ? 'are not shown to your role.' : 'could not be loaded.'}
        </p>
      ))}
      {failed.length > 0 && (
        <Button variant="default" size="xs" onClick={again}>
          Load again
        </Button>
      )}
    </div>
  );
}

function monthOf(event: Event): string {
  if (!Number.isFinite(event.at)) return 'No date';
  const date = new Date(event.at);
  return `${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}
