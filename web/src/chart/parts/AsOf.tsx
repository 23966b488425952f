import { useContext } from 'react';
import { useTime } from '../../emergency/ticking.ts';
import { time } from '../../fhir/dates.ts';
import { ChartLive } from '../live.ts';
import styles from './AsOf.module.css';

interface Props {
  /** When it was loaded, in ms of this machine's clock; 0 before. */
  at: number;
  /** The last attempt to load it again failed. */
  failed: boolean;
  again: () => void;
}

/** From when what was not loaded again is old, in ms. */
const OLD_MS = 3 * 60_000;

/**
 * When what one sees was true, where no change is told. What is old says so, and can be loaded
 * again.
 */
export function AsOf({ at, failed, again }: Props) {
  const live = useContext(ChartLive) === 'live';
  const minutes = useTime(() => Math.floor((Date.now() - at) / 60_000));
  if (at === 0 || (live && !failed)) return null;
  const when = time(new Date(at).toISOString());
  if (!failed && minutes * 60_000 < OLD_MS) {
    return <p className="soft small number">As of {when}</p>;
  }
  return (
    <p className={styles.stale}>
      <strong>{failed ? 'Could not be loaded again.' : 'Not loaded again.'}</strong> This was true
      at {when}, {minutes} min ago.{' '}
      <button type="button" className="link" onClick={again}>
        Load again
      </button>
    </p>
  );
}
