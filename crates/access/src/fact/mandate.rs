//! How far somebody acts for a patient: small, so that facts are.

use accord_spec::ResourceType;

use super::{Cohort, Limits, Owed, Shared};
use crate::label::Level;
use crate::types::TypeSet;

/// Written in the place of a kind of data where all kinds are meant.
const ALL: u64 = 0xff_ffff;

/// How far somebody acts for a patient.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Mandate {
    /// The types of resources they see; `None`: all.
    pub shared: Option<Shared>,
    /// Whether they also sign consents.
    pub signs: bool,
    /// The highest confidentiality they see, unless a sensitivity they see causes it.
    pub level: Level,
    /// Bits of the sensitivities they see.
    pub sensitivities: u64,
}

impl Mandate {
    /// Everything that is neither sensitive nor confidential beyond normal.
    pub fn plain(signs: bool) -> Mandate {
        Mandate { shared: None, signs, level: Level::Normal, sensitivities: 0 }
    }

    /// The types seen.
    pub(crate) fn types(self) -> TypeSet {
        self.shared.map_or(TypeSet::ALL, Shared::types)
    }

    /// The labels seen.
    pub(crate) fn limits(self) -> Limits {
        let Mandate { level, sensitivities, .. } = self;
        Limits { cohort: Cohort::All, level, sensitivities, owed: Owed::default() }
    }

    /// Whether it covers a row of a type that is so labelled.
    pub fn covers(self, resource_type: ResourceType, labels: u64) -> bool {
        self.types().contains(resource_type) && self.limits().cover(labels)
    }

    /// The mandate as two numbers.
    pub(super) fn numbers(self) -> [u64; 2] {
        let shared = self.shared.map_or(ALL, Shared::number);
        [self.level as u64 | u64::from(self.signs) << 8 | shared << 16, self.sensitivities]
    }

    /// The mandate that two numbers are; `None` if they are none.
    pub(super) fn from_numbers([first, sensitivities]: [u64; 2]) -> Option<Mandate> {
        let (level, _) = Level::ALL.get((first & 0xff) as usize)?;
        let shared = match first >> 16 {
            ALL => None,
            number => Some(Shared::from_number(number)?),
        };
        let signs = first >> 8 & 1 == 1;
        let mandate = Mandate { shared, signs, level: *level, sensitivities };
        (mandate.numbers() == [first, sensitivities]).then_some(mandate)
    }
}
