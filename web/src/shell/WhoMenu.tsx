import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { openKiosk } from '../session/session.ts';
import { useWho, type Who } from '../session/who.ts';
import styles from './Header.module.css';
import { site } from './site.ts';
import { askToSignOut } from './unsent.ts';

const LOOKS: [MantineColorScheme, string][] = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['auto', 'As the machine'],
];

/** Who I am here: name, work, organisation, purpose; and the way out. */
export function WhoMenu() {
  const who = useWho();
  const { colorScheme, setColorScheme } =
    // Without transitions there is none to hold back, which would take a style inside the page.
    useMantineColorScheme({ keepTransitions: true });
  return (
    <Menu position="bottom-end" width={260} keepMounted={false}>
      <Menu.Target>
        <button type="button" className={styles.who}>
          <span className="hidden">You: </span>
          <span className={styles.person}>
            <b>{who?.name ?? '…'}</b>
            <span>{who ? work(who) : ''}</span>
          </span>
          <span aria-hidden="true">▾</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Purpose: {who?.purpose ?? 'not told'}</Menu.Label>
        <Menu.Item component="a" href="/auth/account">
          Your account
        </Menu.Item>
        <Menu.Item component="a" href="/auth/sessions">
          Sessions and apps
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Look</Menu.Label>
        {LOOKS.map(([scheme, label]) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            leftSection={<span aria-hidden="true">{scheme === colorScheme ? '●' : '○'}</span>}
          >
            {label}
            {scheme === colorScheme && <span className="hidden"> (chosen)</span>}
          </Menu.Item>
        ))}
        {site().kioskClientId && who?.role === 'registration' && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => void openKiosk()}>Start self check-in …</Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item onClick={askToSignOut}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Roles in which somebody is not at work as what the directory calls them. */
const ROLES: Record<string, string> = {
  registration: 'Registration',
  administrator: 'Administrator',
  'privacy-officer': 'Privacy officer',
  researcher: 'Researcher',
  payor: 'Payor',
  patient: 'Own record',
  clinician: 'Clinician',
  pharmacist: 'Pharmacist',
};

/** `Emergency doctor · Northgate General Hospital`; the desk is the desk, whoever sits there. */
function work(who: Who): string {
  const role = ROLES[who.role ?? ''] ?? who.role;
  const treats = who.role === 'clinician' || who.role === 'pharmacist';
  return [treats ? (who.job ?? role) : role, who.organization?.name].filter(Boolean).join(' · ');
}
