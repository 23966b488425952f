import { told } from '../../fhir/outcome.ts';
import type { Score } from '../board/board.ts';
import { Until } from '../parts.tsx';
import { useTime } from '../ticking.ts';
import { clockTime } from '../times.ts';
import { wordsOf } from '../words.ts';
import styles from './Assess.module.css';
import { withinMinutes } from './result.ts';
import type { Preview } from './usePreview.ts';

/** What follows from what is typed: the score, what is missing, what has to be done and by whom. */
export function ScorePanel({ preview, before }: { preview: Preview; before?: Score | undefined }) {
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
        {result && <Total preview={preview} before={before} />}
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

function Total({ preview: { result }, before }: { preview: Preview; before?: Score | undefined }) {
  const when = useTime((now) =>
    before?.at === undefined ? '' : ` at ${clockTime(before.at, now)}`,
  );
  if (!result) return null;
  const incomplete = result.scored && result.total === undefined;
  // What is due by a part of the values is told where already that calls somebody.
  const responses = result.responses.filter((one) => !incomplete || one.review !== undefined);
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
      {incomplete && before?.total !== undefined && (
        <p>
          Last complete: <b className="number">{before.total}</b> {before.label}
          {when}.
        </p>
      )}
      {incomplete && <p>What is to be done follows from the complete score.</p>}
      {result.age?.words && <p>{result.age.words}</p>}
      {result.triggers.length > 0 && (
        <ul className={styles.triggers}>
          {result.triggers.map((trigger) => (
            <li key={trigger.id}>{trigger.text}</li>
          ))}
        </ul>
      )}
      {responses.map((response) => (
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
