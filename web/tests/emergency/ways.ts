import type { Page } from 'playwright-core';
import type { World } from './world.ts';

/** Signs in and waits for the board. */
export async function toBoard(world: World, page: Page, login: string): Promise<void> {
  await world.signIn(page, login);
  await page.getByRole('link', { name: 'Emergency board' }).click();
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await page.getByText('● Live').waitFor();
}

/** The row of somebody, by what is wrong. */
export const rowOf = (page: Page, complaint: string) =>
  page.getByRole('row').filter({ hasText: complaint });

/** Opens the form of an assessment. */
export async function openForm(page: Page, complaint: string): Promise<void> {
  await rowOf(page, complaint).getByRole('link').click();
  await page.getByRole('button', { name: /^Assess/ }).click();
  await page.getByRole('heading', { name: 'Assessment' }).waitFor();
}

/** Types a whole set of observations. */
export async function fillVitals(page: Page, pulse: string): Promise<void> {
  await page.getByLabel('Respiration rate').fill('18');
  await page.getByLabel('Oxygen saturation').fill('97');
  await page.getByLabel('Air or oxygen').selectOption('air');
  await page.getByLabel('systolic').fill('124');
  await page.getByLabel('diastolic').fill('78');
  await page.getByLabel('Pulse').fill(pulse);
  await page.getByText('Alert', { exact: true }).click();
  await page.getByLabel('Temperature').fill('36.9');
}
