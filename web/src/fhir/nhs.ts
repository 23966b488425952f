/** NHS numbers: ten digits, the last of which checks the others (NHS Data Dictionary). */

/** Whether ten digits can be an NHS number. */
export function isNhsNumber(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{10}$/.test(digits)) return false;
  const sum = [...digits.slice(0, 9)].reduce((s, digit, i) => s + Number(digit) * (10 - i), 0);
  const check = (11 - (sum % 11)) % 11;
  return check !== 10 && check === Number(digits[9]);
}

/** With spaces, 3-3-4, as it is read aloud. What is not ten digits comes back as it is. */
export function spaced(number: string): string {
  const digits = number.replace(/[\s-]/g, '');
  return /^\d{10}$/.test(digits)
    ? `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`
    : number;
}
