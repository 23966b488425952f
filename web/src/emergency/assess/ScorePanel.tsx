import { told } from '../../fhir/outcome.ts';
import { Until } from '../parts.tsx';
import { wordsOf } from '../words.ts';
import styles from './Assess.module.css';
import { withinMinutes } from './result.ts';
import type { Preview } from './usePreview.ts';

/** What follows from what is typed: the score, what is missing, what has to be done and by whom. */
export function ScorePanel({ preview }: { preview: Preview }) {
  const { result, fault, behind } = preview;
  return (
    <section
      className={styles.panel}
      aria-labelledby="score"
      aria-busy={behind}
      data-behind={behind || undefined}
    >
      <h2 id="score">{result?.scheme.title || 'Score'}</h2>
      <div role="status">
        {fault && <Refused status={fault.status} details={told(fault).details} />}
        {!result && !fault && (
          <p className="soft">
            The score appears here while you type. Nothing is stored before you send.
          </p>
        )}
        {result && <Total preview={preview} />}
      </div>
      {result && result.subScores.length > 0 && (
        <details className={styles.details}>
          <summary>How it adds up</summary>
          <table>
            <caption className="hidden">Scores of each value</caption>
            <tbody>
              {result.subScores.map((sub) => (
                <tr key={sub.parameter}>
                  <th scope="row">{sub.title}</th>
                  <td>{sub.value}</td>
                  <td className="number">{sub.score}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="soft small">{result.scheme.source}</p>
        </details>
      )}
    </section>
  );
}

function Total({ preview: { result } }: { preview: Preview }) {
  if (!result) return null;
  const missing = result.missing.map((m) => m.title.toLowerCase());
  return (
    <div className={styles.total}>
      {result.scored && result.total !== undefined && (
        <p>
          <span className={styles.big}>{result.total}</span> <b>{result.label}</b>
        </p>
      )}
      {result.scored && result.total === undefined && (
        <p>
          <b>Incomplete</b>, at least <b className="number">{result.atLeast}</b>
        </p>
      )}
      {result.scored && missing.length > 0 && <p>Missing: {missing.join(', ')}.</p>}
      {result.age?.words && <p>{result.age.words}</p>}
      {result.triggers.length > 0 && (
        <ul className={styles.triggers}>
          {result.triggers.map((trigger) => (
            <li key={trigger.id}>{trigger.text}</li>
          ))}
        </ul>
      )}
      {result.responses.map((response) => (
        <div key={response.text} className={styles.response}>
          <p>{response.text}</p>
          {response.who && (
            <p>
              <span className="soft">Who acts:</span> <b>{wordsOf(response.who)}</b>
              {response.review !== undefined && `, ${withinMinutes(response.review)}`}
            </p>
          )}
        </div>
      ))}
      {result.nextDue.map((due) => (
        <p key={due.what}>
          <span className="soft">Then:</span> {wordsOf(due.what)} <Until at={due.at} />
          {due.who && `, ${wordsOf(due.who).toLowerCase()}`}
        </p>
      ))}
    </div>
  );
}

function Refused({ status, details }: { status: number; details: string[] }) {
  if (status === 0) {
    return <p>No connection, so no score. What you typed is kept in this window.</p>;
  }
  return (
    <div className={styles.refused}>
      <b>{status === 422 ? 'Something has to be corrected' : 'No score can be given'}</b>
      <ul>
        {details.map((detail) => (
          <li key={detail}>{detail}</li>
        ))}
      </ul>
    </div>
  );
}
