//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as authenticator
//! apps expect.

use ring::hmac;

/// Seconds of a step.
const STEP_S: u64 = 30;

/// The step of an instant.
pub fn step(now_s: u64) -> u64 {
    now_s / STEP_S
}

/// The code of a step (RFC 4226 §5.3).
pub fn code(secret: &[u8], step: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0xf);
    let four = tag.get(offset..offset + 4).and_then(|bytes| bytes.try_into().ok());
    (u32::from_be_bytes(four.unwrap_or_default()) & 0x7fff_ffff) % 1_000_000
}

/// The step whose code was typed: the current one or a neighbour (clocks differ, people are
/// slow), later than `after`, so that no code counts twice.
pub fn matching_step(secret: &[u8], typed: &str, now_s: u64, after: u64) -> Option<u64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let typed: u32 = digits.parse().ok()?;
    let now = step(now_s);
    let steps = now.saturating_sub(1)..=now + 1;
    steps.filter(|step| *step > after).find(|step| code(secret, *step) == typed)
}

/// The secret as people type it (RFC 4648 §6, without padding).
pub fn base32(secret: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for five in secret.chunks(5) {
        let number = five.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let number = number << (8 * (5 - five.len()));
        let digits = (five.len() * 8).div_ceil(5);
        for at in 0..digits {
            let digit = usize::try_from(number >> (35 - 5 * at) & 31).unwrap_or_default();
            text.push(DIGITS.get(digit).map_or('A', |byte| char::from(*byte)));
        }
    }
    text
}
