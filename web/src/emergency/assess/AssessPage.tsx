import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { follow, go, useTitle } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import { useStore } from '../../shell/store.ts';
import { scaleOf } from '../attend/course.ts';
import { useCourse } from '../attend/useCourse.ts';
import { Who } from '../attend/Who.tsx';
import type { Attendance } from '../board/board.ts';
import { attendanceAddress } from '../keys.ts';
import { ticking } from '../ticking.ts';
import { AcuityForm } from './AcuityForm.tsx';
import styles from './Assess.module.css';
import {
  asksAcuity,
  type Draft,
  isBegun,
  isRated,
  lacksScale,
  parameters,
  sheetMistake,
} from './draft.ts';
import { draftOf, dropDraft } from './drafts.ts';
import { asksAge, isChild, type Known, learn } from './known.ts';
import { OtherForm } from './OtherForm.tsx';
import { ScorePanel } from './ScorePanel.tsx';
import { Second } from './Second.tsx';
import { usePreview } from './usePreview.ts';
import { useSend } from './useSend.ts';
import { VitalsForm } from './VitalsForm.tsx';
import { firstMistake, mistake } from './vitals.ts';

/** The form of an assessment, with its score while it is filled in. */
export function AssessPage({ row, ended }: { row: Attendance; ended: boolean }) {
  useTitle('Assessment', site().name);
  const store = draftOf(row);
  const draft = useStore(store);
  const [known, setKnown] = useState<Known>({});
  const now = ticking.exact();
  const child = isChild(known, row, draft, now);
  const preview = usePreview(row.id, parameters(draft, { ...row, child }, true), isBegun(draft));
  const next = learn(known, row, draft, preview);
  // The form follows what the server says, at once.
  if (next !== known) setKnown(next);
  const { send, second, lost } = useSend(row, child);
  const { data: course } = useCourse(row.id);
  const [tried, setTried] = useState(false);
  const rated = isRated(draft, row.acuity) || !asksAcuity(draft, child);
  const sheet = sheetMistake(draft, now);
  const wrong = firstMistake(draft.values, child);
  const scaleless = !child && lacksScale(draft, preview.result?.scaleKnown ?? true);
  const reasonless =
    preview.result?.acuity?.reasonNeeded !== undefined && draft.overrideReason.trim() === '';
  const notices = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (send.error) notices.current?.scrollIntoView({ block: 'nearest' });
  }, [send.error]);
  const change = (part: Partial<Draft>) => store.set({ ...store.get(), ...part });
  const drop = () => {
    dropDraft(row.id);
    go(attendanceAddress(row.id));
  };
  const submit = () => {
    setTried(!rated || scaleless || reasonless || wrong !== undefined || sheet !== undefined);
    // Sent like this, what is no number would be left out, and go with the draft.
    if (wrong) document.getElementById(wrong.id)?.focus();
    else if (rated && !scaleless && !reasonless && !sheet && !send.isPending) {
      // Told with the call: whoever has gone elsewhere meanwhile stays there.
      const at = document.activeElement;
      send.mutate(store.get(), {
        onSuccess: () => go(attendanceAddress(row.id)),
        // Fields that were shut while it was sent lose the focus; whoever goes on is where they were.
        onError: () =>
          requestAnimationFrame(
            () => at instanceof HTMLElement && at.focus({ preventScroll: true }),
          ),
      });
    }
  };
  const again = () => {
    change({ version: row.version });
    submit();
  };
  const back = attendanceAddress(row.id);
  return (
    <form
      className={styles.page}
      noValidate
      onKeyDown={(event) => {
        // A value that is typed to its end stores nothing: what is stored is asked for by a button.
        if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
        event.preventDefault();
        nextField(event.currentTarget, event.target)?.focus();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <header className={styles.head}>
        <a href={back} onClick={follow(back)}>
          Back to the attendance
        </a>
        <h1>Assessment</h1>
        <Who row={row} />
      </header>
      <div ref={notices} className={styles.notices}>
        {ended && (
          <p role="alert" className={styles.second}>
            This attendance has ended meanwhile. What you typed is still here, to be written down
            elsewhere.
          </p>
        )}
        {second && !ended && (
          <Second
            row={row}
            draft={draft}
            result={preview.result}
            child={child}
            onKeep={again}
            onDrop={drop}
          />
        )}
        {lost && (
          <div role="alert" className={styles.second}>
            <b>Not stored: the server did not answer.</b>
            <p>
              Everything is kept in this window. Send it again when the connection is back; if it
              did arrive the first time, you will be told.
            </p>
          </div>
        )}
        {send.error && !second && !lost && <FaultNote fault={send.error} wrote />}
      </div>
      <fieldset className={styles.columns} disabled={send.isPending}>
        <legend className="hidden">What was found</legend>
        <div className={styles.column}>
          <VitalsForm
            draft={draft}
            result={preview.result}
            behind={preview.behind}
            child={child}
            scaleBefore={known.scale ?? scaleOf(course?.observations ?? [])}
            onChange={change}
          />
        </div>
        <div className={styles.column}>
          <AcuityForm draft={draft} result={preview.result} before={row.acuity} onChange={change} />
          <OtherForm
            draft={draft}
            row={row}
            child={child}
            ageless={asksAge(row, draft, preview, now)}
            onChange={change}
          />
        </div>
        <div className={styles.side}>
          <ScorePanel
            preview={preview}
            before={row.score?.total === undefined ? row.lastComplete : row.score}
          />
          {send.error && !send.isPending && (
            <p className={styles.refused}>Nothing is stored yet: the reason stands above.</p>
          )}
          {tried && reasonless && (
            <p role="alert" className={styles.refused}>
              Nothing is stored yet: say under Acuity why.
            </p>
          )}
          {tried && wrong && (
            <p role="alert" className={styles.refused}>
              Nothing is stored yet: correct “{wrong.title}”.{' '}
              {mistake(wrong, draft.values[wrong.id] ?? '')}
            </p>
          )}
          {tried && sheet && (
            <p role="alert" className={styles.refused}>
              Nothing is stored yet. {sheet}
            </p>
          )}
          {tried && scaleless && (
            <p role="alert" className={styles.refused}>
              Nothing is stored yet: say which SpO₂ scale holds, and for scale 2 how that is known.
            </p>
          )}
          {tried && !rated && (
            <p role="alert" className={styles.refused}>
              How urgent is it? Answer the questions under Acuity, or choose there.
            </p>
          )}
          <div className={styles.buttons}>
            <Button type="submit" size="md" disabled={send.isPending || ended || !isBegun(draft)}>
              {send.isPending ? 'Storing …' : lost ? 'Send again' : 'Store assessment'}
            </Button>
            <Button variant="default" size="md" onClick={drop}>
              {isBegun(draft) ? 'Drop what I typed' : 'Cancel'}
            </Button>
          </div>
        </div>
      </fieldset>
    </form>
  );
}

/** The field after one; the button that stores after the last. */
function nextField(form: HTMLFormElement, field: HTMLElement): HTMLElement | undefined {
  const all = [...form.elements].filter(
    (one): one is HTMLElement =>
      one instanceof HTMLElement && one.tabIndex >= 0 && !one.matches(':disabled, fieldset'),
  );
  return all[all.indexOf(field) + 1];
}
