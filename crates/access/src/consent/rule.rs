//! A consent as rules: plain data, by names until the writer has given ordinals.

use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd};
use accord_spec::ResourceType;
use smallvec::SmallVec;

use super::purpose::PurposeTest;
use crate::label::Level;
use crate::types::TypeSet;

/// What one active privacy consent permits and denies. `P`, `O` and `A` name patients,
/// organisations and actors.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Consent<P, O, A> {
    /// Whose consent it is: it speaks about resources that name them.
    pub patient: P,
    /// The resource's id.
    pub id: String,
    /// Whether it stands in for a consent that cannot be enforced.
    pub held: bool,
    /// Whether it is a seal on part of the patient's record, and of which kind. Its one provision
    /// tells what is sealed; the actors it names are those to whom it stays open.
    pub seal: Option<Seal>,
    /// The organisations whose data it binds; empty: all.
    pub custodians: Vec<O>,
    /// Its policies and categories: only a consent with the same can be superseded by it.
    pub key: String,
    /// Id of the consent that it says it takes the place of.
    pub supersedes: Option<String>,
    /// When it was given; the beginning of time where it does not say.
    pub given: LogTime,
    /// Its provisions, the root first, each with what it inherits. Never empty.
    pub provisions: Vec<Provision<O, A>>,
}

/// What opens a seal on part of a record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Seal {
    /// Access taken in an emergency.
    Sealed,
    /// Nothing.
    Locked,
}

/// A consent by names.
pub type NamedConsent = Consent<String, String, String>;
/// A consent by ordinals.
pub type ConsentRule = Consent<PatientOrd, OrgOrd, ActorOrd>;

/// A provision with the conditions it names and those it inherits; all must be met.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Provision<O, A> {
    /// Whether it permits what it matches, or denies it.
    pub permits: bool,
    /// Where it stands below the root: the place of each nested provision on the way.
    pub path: SmallVec<[u8; 2]>,
    /// Which askers by the care they give.
    pub who: Who,
    /// First instant at which it holds.
    pub from: LogTime,
    /// First instant at which it holds no longer.
    pub until: LogTime,
    /// Who asks; `None`: anyone.
    pub actors: Option<Actors<O, A>>,
    /// What is done with the data.
    pub actions: Actions,
    /// Why; `None`: for any purpose.
    pub purposes: Option<PurposeTest>,
    /// How the data is labelled; `None`: in any way.
    pub labels: Option<LabelTest>,
    /// Types of the data; `None`: all.
    pub types: Option<TypeSet>,
    /// Codes one of which stands in the data; `None`: any data.
    pub codes: Option<Vec<Code>>,
    /// When what the data tells of happened; `None`: at any time.
    pub days: Option<Days>,
    /// Which data; `None`: any.
    pub data: Option<Data<A>>,
}

/// Which askers a provision is about, by the care they give.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Who {
    /// All.
    Anyone,
    /// Those who treat patients.
    Treating,
    /// All but those who treat patients for the organisation that answers for the data.
    NotTreatingThere,
}

/// Those whom a provision names.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Actors<O, A> {
    /// Organisations: everyone who acts for one.
    pub organizations: Vec<O>,
    /// Persons, devices and groups.
    pub actors: Vec<A>,
}

/// What is done with data, as a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Actions(pub u8);

/// One thing done with data.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Action {
    /// Reading by those who act for an organisation where the data is.
    Read = 1,
    /// Letting it leave the organisation that answers for it.
    Disclose = 2,
    /// Taking it in.
    Collect = 4,
    /// Changing or ending it.
    Correct = 8,
}

impl Actions {
    /// Everything.
    pub const ALL: Actions = Actions(15);

    /// Whether it is among them.
    pub fn contains(self, action: Action) -> bool {
        self.0 & action as u8 != 0
    }
}

/// How data must be labelled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LabelTest {
    /// Up to which confidentiality, where a permit named it.
    pub ceiling: Option<Level>,
    /// From which confidentiality, where a denial named it.
    pub floor: Option<Level>,
    /// Bits of the sensitivities named and of narrower ones.
    pub named: u64,
}

/// Days since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Days {
    /// The first.
    pub from: i32,
    /// The first that is not.
    pub until: i32,
    /// Whether data without a date is meant too.
    pub undated: bool,
}

/// Data named one by one; any is enough.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Data<A> {
    /// These resources, all their versions.
    pub instances: Vec<Target>,
    /// What refers to these, and what these refer to.
    pub related: Vec<Target>,
    /// What refers to these, and what of the patient's refers to that, and so on.
    pub dependents: Vec<Target>,
    /// What these wrote.
    pub authors: Vec<A>,
}

/// A resource.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its id.
    pub id: String,
}

/// A code of a system; met by the same code of the same system alone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Code {
    /// The system.
    pub system: String,
    /// The code.
    pub code: String,
}

impl<P, O, A> Consent<P, O, A> {
    /// First instant at which any provision holds.
    pub fn from(&self) -> LogTime {
        self.provisions.iter().map(|p| p.from).min().unwrap_or(LogTime::NEVER)
    }

    /// First instant at which none holds any longer.
    pub fn until(&self) -> LogTime {
        self.provisions.iter().map(|p| p.until).max().unwrap_or_default()
    }
}

impl<O, A> Provision<O, A> {
    /// One with no condition but time that permits or denies at the root.
    pub fn bare(permits: bool) -> Provision<O, A> {
        Provision {
            permits,
            path: SmallVec::new(),
            who: Who::Anyone,
            from: LogTime(0),
            until: LogTime::NEVER,
            actors: None,
            actions: Actions::ALL,
            purposes: None,
            labels: None,
            types: None,
            codes: None,
            days: None,
            data: None,
        }
    }

    /// Where it stands in the resource, as a FHIRPath.
    pub fn element(&self) -> String {
        let nested = self.path.iter().map(|at| format!(".provision[{at}]"));
        nested.fold("Consent.provision".to_owned(), |path, step| path + &step)
    }
}

impl NamedConsent {
    /// The consent with the ordinals that `ordinal` gives: ids of patients and organisations,
    /// relative references of actors.
    pub fn resolve(&self, mut ordinal: impl FnMut(NameSpace, &str) -> u32) -> ConsentRule {
        let patient = PatientOrd(ordinal(NameSpace::Patient, &self.patient));
        let mut organizations = |ids: &[String]| -> Vec<OrgOrd> {
            ids.iter().map(|id| OrgOrd(ordinal(NameSpace::Organization, id))).collect()
        };
        let custodians = organizations(&self.custodians);
        let of = |p: &Provision<String, String>| resolved(p, &mut ordinal);
        Consent {
            patient,
            id: self.id.clone(),
            held: self.held,
            seal: self.seal,
            custodians,
            key: self.key.clone(),
            supersedes: self.supersedes.clone(),
            given: self.given,
            provisions: self.provisions.iter().map(of).collect(),
        }
    }
}

fn resolved(
    named: &Provision<String, String>,
    ordinal: &mut impl FnMut(NameSpace, &str) -> u32,
) -> Provision<OrgOrd, ActorOrd> {
    let mut actors = |names: &[String]| -> Vec<ActorOrd> {
        names.iter().map(|name| ActorOrd(ordinal(NameSpace::Actor, name))).collect()
    };
    let data = named.data.as_ref().map(|data| Data {
        instances: data.instances.clone(),
        related: data.related.clone(),
        dependents: data.dependents.clone(),
        authors: actors(&data.authors),
    });
    let who = named.actors.as_ref().map(|who| (actors(&who.actors), &who.organizations));
    let organizations = |ids: &[String], ordinal: &mut dyn FnMut(NameSpace, &str) -> u32| {
        ids.iter().map(|id| OrgOrd(ordinal(NameSpace::Organization, id))).collect()
    };
    Provision {
        permits: named.permits,
        path: named.path.clone(),
        who: named.who,
        from: named.from,
        until: named.until,
        actors: who
            .map(|(actors, ids)| Actors { organizations: organizations(ids, ordinal), actors }),
        actions: named.actions,
        purposes: named.purposes.clone(),
        labels: named.labels,
        types: named.types,
        codes: named.codes.clone(),
        days: named.days,
        data,
    }
}
