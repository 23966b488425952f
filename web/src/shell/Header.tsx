import styles from './Header.module.css';
import { follow, useRoute } from './router.ts';
import { site } from './site.ts';
import { WhoMenu } from './WhoMenu.tsx';

const PAGES = [
  { to: '/', page: 'find', label: 'Patients' },
  { to: '/emergency', page: 'emergency', label: 'Emergency board' },
];

interface Props {
  /** Whether there are pages for who is signed in. */
  served: boolean;
  onPalette: () => void;
}

/** The bar over every page. */
export function Header({ served, onPalette }: Props) {
  const [page = 'find'] = useRoute();
  return (
    <header className={styles.bar}>
      <span className={styles.name}>{site().name}</span>
      <nav aria-label="Pages" className={styles.pages}>
        {(served ? PAGES : []).map((each) => (
          <a
            key={each.to}
            href={each.to}
            onClick={follow(each.to)}
            aria-current={each.page === page ? 'page' : undefined}
          >
            {each.label}
          </a>
        ))}
      </nav>
      {served && (
        <button type="button" className={styles.palette} onClick={onPalette}>
          <span>Find or do</span>
          <kbd>Ctrl K</kbd>
        </button>
      )}
      <WhoMenu />
    </header>
  );
}
