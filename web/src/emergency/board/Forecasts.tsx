import { useQuery } from '@tanstack/react-query';
import { moment } from '../../fhir/dates.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import { acuityTitle } from '../words.ts';
import styles from './Board.module.css';
import { type Forecast, forecastsOf } from './forecast.ts';

const EVERY_MS = 10 * 60_000;

/**
 * How long somebody who arrives now may wait, with how far that was off so far. Nothing is said
 * where nothing was measured; who wants to know why opens the line.
 */
export function Forecasts({ organization }: { organization: string }) {
  const fhir = useFhir();
  const { data } = useQuery({
    queryKey: ['emergency-forecast', organization],
    queryFn: async () =>
      forecastsOf(await fhir.get(`Encounter/$forecast?organization=Organization/${organization}`)),
    // It follows the past days, not the past minute; a server without one is not asked again.
    staleTime: EVERY_MS,
    refetchInterval: (query) => (query.state.error ? false : EVERY_MS),
    retry: false,
  });
  const { each: forecasts = [], absent: forecastAbsent } = data ?? {};
  if (forecasts.length === 0 && !forecastAbsent) return null;
  if (forecasts.length === 0) {
    return (
      <details className={styles.forecast}>
        <summary>No forecast of waits</summary>
        <p>{forecastAbsent}</p>
      </details>
    );
  }
  return (
    <details className={styles.forecast}>
      <summary>
        To be seen, if arriving now:{' '}
        {forecasts.map((each) => (
          <span key={each.acuity} className={styles.range}>
            {acuityTitle(each.acuity)} <b className="number">{range(each)}</b>{' '}
            <span className="soft">(typically {each.error} min off)</span>
          </span>
        ))}
      </summary>
      <ul>
        {forecasts.map((each) => (
          <li key={each.acuity}>
            {acuityTitle(each.acuity)}: {range(each)}; measured on attendances that it was not made
            from, half of the forecasts were at most {each.error} min off
            {each.coverage !== undefined &&
              `, and ${each.coverage} % of the waits lay in the range`}
            . Made from {each.attendances ?? 'some'} attendances
            {each.until !== undefined && ` up to ${moment(new Date(each.until).toISOString())}`}
            {each.left !== undefined && `, of whom ${each.left} % left before they were seen`}.
          </li>
        ))}
      </ul>
      <p className="soft">It changes nothing in the order, nor in what is due.</p>
    </details>
  );
}

const range = ({ from, to }: Forecast) => `${from}–${to} min`;
