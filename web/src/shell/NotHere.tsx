import { follow, useTitle } from './router.ts';
import { site } from './site.ts';

/** An address that leads nowhere, with the way to where it goes on. */
export function NotHere({ chart = false }: { chart?: boolean }) {
  useTitle('Not here', site().name);
  return (
    <section>
      <h1>{chart ? 'This chart is closed' : 'There is no such page'}</h1>
      <p>
        {chart
          ? 'Charts close when the page is loaded anew or you sign out. Find the patient again.'
          : 'The address may be mistyped.'}
      </p>
      <p>
        <a href="/" onClick={follow('/')}>
          Find a patient
        </a>
      </p>
    </section>
  );
}

/** For those whose work has no pages here yet. */
export function NoPages() {
  useTitle('No pages', site().name);
  return (
    <section>
      <h1>There are no pages for your role yet</h1>
      <p>
        These pages are for those who treat and register people. If you have such a role too, sign
        out and choose it when you sign in.
      </p>
    </section>
  );
}
