//! Labels that say what was done to a resource on its way out, or what is owed with it.

use accord_access::Owed;
use accord_fhir::json::Value;
use accord_index::marker::LABELS;

const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// The notice that accompanies a disclosure made with the consent of the patient, statement 2 to the
/// letter: 42 CFR 2.32(a)(2), as amended by 89 FR 12472 of 16 February 2024.
const NOTICE: &str = "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";

/// A set of such labels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Marks(u8);

impl Marks {
    /// None.
    pub const NONE: Marks = Marks(0);
    /// Something was left out that tells of a resource which does not exist for the asker.
    pub const REDACTED: Marks = Marks(1);
    /// Whoever receives it may not pass it on.
    pub const NO_REDISCLOSURE: Marks = Marks(2);
    /// The law's notice goes with it.
    pub const NOTICE: Marks = Marks(4);
    /// Everything was left out: it is a marker, of what an emergency would open.
    pub const SEALED: Marks = Marks(8);

    /// Every mark with its system, code and display.
    const ALL: [(Marks, &'static str, &'static str, &'static str); 4] = [
        (Marks::REDACTED, LABELS[0].0, LABELS[0].1, LABELS[0].2),
        (Marks::SEALED, LABELS[1].0, LABELS[1].1, LABELS[1].2),
        (Marks::NO_REDISCLOSURE, ACT, "NORDSCLCD", "no redisclosure without consent directive"),
        (Marks::NOTICE, ACT, "PRIVMARK", NOTICE),
    ];

    /// Those of either.
    #[must_use]
    pub fn with(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    /// Those that the other has not.
    #[must_use]
    pub fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }

    /// Those that tell what is owed.
    pub(super) fn owed(owed: Owed) -> Marks {
        let on = |mark, wanted: bool| if wanted { mark } else { Marks::NONE };
        let notice = on(Marks::NOTICE, owed.notice);
        on(Marks::NO_REDISCLOSURE, owed.no_redisclosure).with(notice)
    }

    /// Codes of the marks, for access records.
    pub(crate) fn codes(self) -> impl Iterator<Item = &'static str> {
        const CODES: [(Marks, &str); 4] = [
            (Marks::SEALED, "marker"),
            (Marks::REDACTED, "redacted"),
            (Marks::NO_REDISCLOSURE, "no-redisclosure"),
            (Marks::NOTICE, "notice"),
        ];
        CODES.into_iter().filter(move |(mark, _)| self.has(*mark)).map(|(_, code)| code)
    }

    /// Whether it has all of the other.
    pub fn has(self, other: Marks) -> bool {
        other.without(self) == Marks::NONE
    }

    /// Those that a resource has of its own.
    pub(crate) fn stated(resource: Value<'_>) -> Marks {
        let labels = resource.get("meta").and_then(|meta| meta.get("security"));
        let labels = labels.into_iter().flat_map(Value::items);
        labels.fold(Marks::NONE, |marks, label| marks.with(Marks::of(label)))
    }

    /// The mark that a Coding is. A notice counts only with its words.
    pub(super) fn of(coding: Value<'_>) -> Marks {
        let is = |name: &str, text: &str| coding.get_str(name).is_some_and(|given| given == text);
        let same = |(mark, system, code, display): &&(Marks, &str, &str, &str)| {
            let worded = *mark != Marks::NOTICE || is("display", display);
            is("system", system) && is("code", code) && worded
        };
        Marks::ALL.iter().find(same).map_or(Marks::NONE, |(mark, ..)| *mark)
    }

    /// The marks as Codings, with commas between them.
    pub(super) fn labels(self) -> String {
        let mine = Marks::ALL.iter().filter(|(mark, ..)| self.has(*mark));
        let coding = |(_, system, code, display): &(_, &str, &str, &str)| {
            format!(r#"{{"system":"{system}","code":"{code}","display":"{display}"}}"#)
        };
        mine.map(coding).collect::<Vec<_>>().join(",")
    }
}
