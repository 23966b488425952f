//! What a data set calls how attendances begin and end.

use crate::reader::{Reader, tape};
use crate::{Disposition, SchemeError};

/// Codes of a data set for attendances.
#[derive(Clone, Debug)]
pub struct AttendanceCodes {
    /// The code system.
    pub system: String,
    arrivals: Vec<Arrival>,
    ends: Vec<End>,
}

/// A way to come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// What requests call it.
    pub mode: String,
    /// What people call it.
    pub title: String,
    /// Its code.
    pub code: String,
}

/// How far somebody had come when they went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Come {
    /// Nobody had looked at them.
    Waited,
    /// They were assessed.
    Assessed,
    /// Treatment had begun.
    Treated,
}

#[derive(Clone, Debug)]
struct End {
    disposition: Disposition,
    status: String,
    /// Where somebody was assessed before; as `status` where it makes no difference.
    assessed: Option<String>,
    /// The same where treatment had begun.
    treated: Option<String>,
    destination: Option<String>,
}

impl AttendanceCodes {
    pub(crate) fn load(file: &str, text: &str) -> Result<AttendanceCodes, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        root.header("attendance", &["system", "arrivals", "ends"])?;
        let (mut arrivals, mut ends) = (Vec::new(), Vec::new());
        for item in root.list("arrivals")? {
            item.only(&["mode", "title", "code"])?;
            let (mode, title) = (item.text_of("mode")?, item.text_of("title")?);
            arrivals.push(Arrival { mode, title, code: concept(&item.member("code")?)? });
        }
        for item in root.list("ends")? {
            item.only(&[
                "disposition",
                "status",
                "status-assessed",
                "status-treated",
                "destination",
            ])?;
            let named = item.member("disposition")?;
            let disposition = Disposition::from_code(&named.text()?);
            let disposition = disposition.ok_or_else(|| named.wrong("is not known here"))?;
            let optional = |name| item.optional(name).map(|code| concept(&code)).transpose();
            let (assessed, treated) = (optional("status-assessed")?, optional("status-treated")?);
            let destination = optional("destination")?;
            let status = concept(&item.member("status")?)?;
            ends.push(End { disposition, status, assessed, treated, destination });
        }
        Ok(AttendanceCodes { system: root.text_of("system")?, arrivals, ends })
    }

    /// The ways to come that have a code.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    /// The code of a way to come, if it has one.
    pub fn arrival(&self, mode: &str) -> Option<&str> {
        self.arrivals.iter().find(|own| own.mode == mode).map(|own| own.code.as_str())
    }

    /// The status in which somebody goes, and how far they had come.
    pub fn status(&self, disposition: Disposition, come: Come) -> Option<&str> {
        let own = self.end(disposition)?;
        let assessed = own.assessed.as_deref().filter(|_| come >= Come::Assessed);
        let treated = own.treated.as_deref().filter(|_| come == Come::Treated);
        treated.or(assessed).or(Some(&own.status))
    }

    /// Where somebody goes.
    pub fn destination(&self, disposition: Disposition) -> Option<&str> {
        self.end(disposition)?.destination.as_deref()
    }

    fn end(&self, disposition: Disposition) -> Option<&End> {
        self.ends.iter().find(|own| own.disposition == disposition)
    }
}

/// An identifier of SNOMED CT, whose last digit is a check digit.
fn concept(code: &Reader<'_>) -> Result<String, SchemeError> {
    let text = code.text()?;
    if is_concept(&text) { Ok(text) } else { Err(code.wrong("is no identifier of SNOMED CT")) }
}

/// Whether a text is an identifier of SNOMED CT: 6 to 18 digits with Verhoeff's check digit
/// (SNOMED International, Release File Specifications, 5.1.4 and 5.3).
fn is_concept(text: &str) -> bool {
    /// Products of the group of the pentagon, by rows.
    const PRODUCT: [&[u8; 10]; 10] = [
        b"0123456789",
        b"1234067895",
        b"2340178956",
        b"3401289567",
        b"4012395678",
        b"5987604321",
        b"6598710432",
        b"7659821043",
        b"8765932104",
        b"9876543210",
    ];
    /// How a digit is moved by its place.
    const MOVED: [&[u8; 10]; 8] = [
        b"0123456789",
        b"1576283094",
        b"5803796142",
        b"8916043527",
        b"9453126870",
        b"4286573901",
        b"2793806415",
        b"7046913258",
    ];
    let at = |row: &[u8; 10], digit: u8| row.get(usize::from(digit)).map(|own| own - b'0');
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    let mut places = MOVED.iter().cycle();
    let checked = text.bytes().rev().try_fold(0, |sum, byte| {
        let moved = at(places.next()?, digit(byte)?)?;
        at(PRODUCT.get(usize::from(sum))?, moved)
    });
    (6..=18).contains(&text.len()) && !text.starts_with('0') && checked == Some(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_digit_of_an_identifier_is_checked() {
        for good in ["182992009", "1048031000000100", "999003021000000104", "75004002"] {
            assert!(is_concept(good), "{good}");
            for (at, own) in good.char_indices() {
                for other in ('0'..='9').filter(|other| *other != own) {
                    let mut wrong = good.to_owned();
                    wrong.replace_range(at..=at, &other.to_string());
                    assert!(!is_concept(&wrong), "{wrong}");
                }
            }
        }
        for wrong in ["", "0", "12345", "1829920o9", "000000", "1234567890123456789"] {
            assert!(!is_concept(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_end_has_a_status() {
        let text = include_str!("../data/attendance.json");
        let codes = AttendanceCodes::load("attendance.json", text).unwrap();
        for (disposition, name) in Disposition::ALL {
            assert!(codes.status(disposition, Come::Assessed).is_some(), "{name}");
        }
        let left = Disposition::LeftWithoutBeingSeen;
        let [waited, assessed, treated] =
            [Come::Waited, Come::Assessed, Come::Treated].map(|come| codes.status(left, come));
        assert!(waited != assessed && assessed != treated && waited != treated);
        assert_eq!(codes.destination(left), None);
        let wrong = text.replace("182992009", "182992008");
        let error = AttendanceCodes::load("attendance.json", &wrong).unwrap_err();
        assert!(error.to_string().contains("ends[0].status: is no identifier"), "{error}");
    }
}
