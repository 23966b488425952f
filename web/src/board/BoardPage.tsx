import { follow, useTitle } from '../shell/router.ts';
import { site } from '../shell/site.ts';

/** The place of the emergency board, which is not there yet. */
export function BoardPage() {
  useTitle('Emergency board', site().name);
  return (
    <section>
      <h1>Emergency board</h1>
      <p>The board of the department is not part of this release.</p>
      <p>
        Who is here now stands under{' '}
        <a href="/" onClick={follow('/')}>
          Patients
        </a>
        .
      </p>
    </section>
  );
}
