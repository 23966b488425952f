//! Units (UCUM §2): the characters of a term and the balance of its brackets. Which atoms exist is
//! a question for whoever knows the units.

/// Longest unit looked at.
const LONGEST: usize = 200;

/// Whether a text has the form of a unit.
pub(super) fn permits(text: &str) -> bool {
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return false;
    }
    let (mut round, mut square, mut curly) = (0_i32, false, false);
    for byte in text.bytes() {
        match (byte, curly) {
            (b'}', true) => curly = false,
            (b'{', false) => curly = true,
            (b'{', true) | (b'}', false) => return false,
            (_, true) => {}
            (b'[', _) if square => return false,
            (b'[', _) => square = true,
            (b']', _) if !square => return false,
            (b']', _) => square = false,
            (b'(', _) => round += 1,
            (b')', _) => round -= 1,
            (b'"', _) if !square => return false,
            _ => {}
        }
        if round < 0 {
            return false;
        }
    }
    round == 0 && !square && !curly
}
