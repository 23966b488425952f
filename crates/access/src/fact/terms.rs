//! What an agreement says besides who shares with whom: small, so that facts are.

use accord_base::{Purpose, Role};
use accord_spec::ResourceType;

use crate::label::{self, Level};
use crate::types::{Class, TypeSet};

/// What is done with data by an agreement's leave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// Reading through this server.
    Read,
    /// Taking over into the recipient's own records.
    Disclose,
    /// Exports of whole populations.
    Export,
}

impl Action {
    /// Every action with its code.
    pub const ALL: [(Action, &'static str); 3] =
        [(Action::Read, "read"), (Action::Disclose, "disclose"), (Action::Export, "export")];
}

/// The patients an agreement is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cohort {
    /// Every patient with whom the recipient has a relationship, by its own word or by the
    /// controller's.
    All,
    /// Patients whom the controller referred to the recipient, or says it covers.
    Referred,
    /// Patients to whom the asker took access in an emergency.
    Emergency,
}

impl Cohort {
    /// Every cohort; its place here is part of the record format.
    const ALL: [Cohort; 3] = [Cohort::All, Cohort::Referred, Cohort::Emergency];
}

/// What is owed with data that its controller shares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Owed {
    /// That the recipient does not pass it on.
    pub no_redisclosure: bool,
    /// That the notice of 42 CFR part 2 goes with it.
    pub notice: bool,
}

impl Owed {
    /// What is owed where either would do: what both owe.
    #[must_use]
    pub fn least(self, other: Owed) -> Owed {
        Owed {
            no_redisclosure: self.no_redisclosure && other.no_redisclosure,
            notice: self.notice && other.notice,
        }
    }
}

/// What types of resources an agreement is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shared {
    /// A class of types.
    Class(Class),
    /// One type.
    Type(ResourceType),
}

impl Shared {
    /// The types.
    pub fn types(self) -> TypeSet {
        match self {
            Shared::Class(class) => class.types(),
            Shared::Type(resource_type) => [resource_type].into_iter().collect(),
        }
    }

    pub(super) fn number(self) -> u64 {
        match self {
            Shared::Class(class) => {
                let at = Class::ALL.iter().position(|(c, _)| *c == class);
                at.map_or(0xffff, |at| 0x100 | at as u64)
            }
            Shared::Type(resource_type) => u64::from(resource_type.0),
        }
    }

    pub(super) fn from_number(number: u64) -> Option<Shared> {
        match u8::try_from(number) {
            Ok(number) if usize::from(number) < ResourceType::ALL.len() => {
                Some(Shared::Type(ResourceType(number)))
            }
            Ok(_) => None,
            Err(_) => {
                let (class, _) = Class::ALL.get(usize::try_from(number - 0x100).ok()?)?;
                Some(Shared::Class(*class))
            }
        }
    }
}

/// The terms of an agreement: sets of bits by the places of [`Purpose::ALL`], [`Role::ALL`] and
/// [`Action::ALL`], which are part of the record format.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Terms {
    purposes: u8,
    roles: u16,
    actions: u8,
    /// What it is about.
    pub shared: Shared,
    /// Whom and what data it covers.
    pub limits: Limits,
}

/// Whom and what data terms cover.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Whom they are about.
    pub cohort: Cohort,
    /// The highest confidentiality they cover.
    pub level: Level,
    /// Bits of the sensitivities they cover.
    pub sensitivities: u64,
    /// What is owed with it.
    pub owed: Owed,
}

impl Limits {
    /// Whether data so labelled is covered: every sensitivity, and the confidentiality, unless it
    /// is no higher than what the sensitivities cause.
    pub fn cover(self, labels: u64) -> bool {
        if labels == 0 {
            return true;
        }
        let level = label::level(labels);
        label::narrowest(labels) & !self.sensitivities == 0
            && (level <= self.level || label::caused(labels).is_some_and(|caused| level <= caused))
    }
}

impl Terms {
    /// Terms that give leave for nothing yet.
    pub fn new(shared: Shared, limits: Limits) -> Terms {
        Terms { purposes: 0, roles: 0, actions: 0, shared, limits }
    }

    /// The same for one purpose more.
    pub fn with_purpose(mut self, purpose: Purpose) -> Terms {
        self.purposes |= place(&Purpose::ALL, purpose) as u8;
        self
    }

    /// The same for one role more.
    pub fn with_role(mut self, role: Role) -> Terms {
        self.roles |= place(&Role::ALL, role);
        self
    }

    /// The same for one action more.
    pub fn with_action(mut self, action: Action) -> Terms {
        self.actions |= place(&Action::ALL, action) as u8;
        self
    }

    /// Whether they give leave for something at all.
    pub fn is_empty(self) -> bool {
        self.purposes == 0 || self.roles == 0 || self.actions == 0
    }

    /// Whether they give someone in the role leave to do this for the purpose.
    pub fn permit(self, role: Role, purpose: Purpose, action: Action) -> bool {
        u16::from(self.purposes) & place(&Purpose::ALL, purpose) != 0
            && self.roles & place(&Role::ALL, role) != 0
            && u16::from(self.actions) & place(&Action::ALL, action) != 0
    }

    /// The terms as two numbers.
    pub(super) fn numbers(self) -> [u64; 2] {
        let Limits { cohort, level, sensitivities, owed } = self.limits;
        let cohort = Cohort::ALL.iter().position(|c| *c == cohort).unwrap_or(0) as u64;
        let first = u64::from(self.purposes)
            | u64::from(self.roles) << 8
            | u64::from(self.actions) << 24
            | (cohort & 1) << 32
            | u64::from(!owed.no_redisclosure) << 33
            | (level as u64) << 34
            | (cohort >> 1) << 38
            | u64::from(owed.notice) << 39
            | self.shared.number() << 40;
        [first, sensitivities]
    }

    /// The terms that two numbers are; `None` if they are none.
    pub(super) fn from_numbers([first, sensitivities]: [u64; 2]) -> Option<Terms> {
        let bits = |at: u32, count: u32| first >> at & ((1 << count) - 1);
        let (level, _) = Level::ALL.get(bits(34, 4) as usize)?;
        let cohort = *Cohort::ALL.get((bits(32, 1) | bits(38, 1) << 1) as usize)?;
        let owed = Owed { no_redisclosure: bits(33, 1) == 0, notice: bits(39, 1) == 1 };
        let terms = Terms {
            purposes: bits(0, 8) as u8,
            roles: bits(8, 16) as u16,
            actions: bits(24, 8) as u8,
            shared: Shared::from_number(first >> 40)?,
            limits: Limits { cohort, level: *level, sensitivities, owed },
        };
        (terms.numbers() == [first, sensitivities]).then_some(terms)
    }
}

fn place<T: PartialEq>(all: &[(T, &str)], one: T) -> u16 {
    all.iter().position(|(each, _)| *each == one).map_or(0, |at| 1 << at)
}
