//! Small numbers that stand for long names inside the store.

use std::fmt;

/// Position of a record in the log, and at the same time the number of the resource version it
/// holds. A record without a resource (a refused write) leaves a hole in the row columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Row(pub u32);

impl Row {
    /// The row after this one. Saturates: the log refuses to grow past `u32::MAX` rows.
    pub fn next(self) -> Row {
        Row(self.0.saturating_add(1))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! ordinal {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
    };
}

ordinal!(
    /// Dense number of a patient, given by the writer at the first mention of `Patient/id`.
    PatientOrd
);
ordinal!(
    /// Dense number of an organisation, given by the writer at the first mention.
    OrgOrd
);
ordinal!(
    /// Dense number of an author (`Practitioner/id`, `Device/id`, …), given at first mention.
    ActorOrd
);

impl OrgOrd {
    /// The controller of shared reference data: terminology, conformance, the directory.
    pub const COMMONS: OrgOrd = OrgOrd(0);
}

/// Which of the three ordinal spaces a name belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum NameSpace {
    /// Names are ids of `Patient` resources, without the type.
    Patient = 1,
    /// Names are ids of `Organization` resources, without the type; ordinal 0 is `commons`.
    Organization = 2,
    /// Names are relative references, `Practitioner/id`.
    Actor = 3,
}

impl NameSpace {
    /// The space with this number on disk.
    pub fn from_u8(byte: u8) -> Option<NameSpace> {
        match byte {
            1 => Some(NameSpace::Patient),
            2 => Some(NameSpace::Organization),
            3 => Some(NameSpace::Actor),
            _ => None,
        }
    }
}
