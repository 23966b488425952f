//! A compiled consent as bytes, as the log and segments keep it.
//!
//! Numbers are LEB128 varints, signed ones zigzag; lists and texts begin with their length; an
//! optional part begins with 0 or 1. The first byte is the version of this form: provisions have
//! codes at their end from the second on, which is written only where there are any.

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd};
use accord_spec::ResourceType;
use smallvec::SmallVec;

use super::purpose::PurposeTest;
use super::rule::{
    Actions, Actors, Code, Consent, ConsentRule, Data, Days, LabelTest, Provision, Seal, Target,
    Who,
};
use crate::label::Level;
use crate::types::TypeSet;

const VERSION: u8 = 1;
const WITH_CODES: u8 = 2;
const WHO: [Who; 3] = [Who::Anyone, Who::Treating, Who::NotTreatingThere];
/// Whether a consent is on hold, and what seal it is, by the byte for it.
const KINDS: [(bool, Option<Seal>); 4] =
    [(false, None), (true, None), (false, Some(Seal::Sealed)), (false, Some(Seal::Locked))];

type Rule = Provision<OrgOrd, ActorOrd>;

/// The bytes of a consent.
pub fn encode(consent: &ConsentRule) -> Vec<u8> {
    let coded = consent.provisions.iter().any(|provision| provision.codes.is_some());
    let mut out = Out(vec![if coded { WITH_CODES } else { VERSION }]);
    out.number(consent.patient.0.into());
    out.text(&consent.id);
    out.byte(KINDS.iter().position(|k| *k == (consent.held, consent.seal)).unwrap_or(1) as u8);
    out.list(&consent.custodians, |out, organization| out.number(organization.0.into()));
    out.text(&consent.key);
    out.option(consent.supersedes.as_ref(), |out, id| out.text(id));
    out.number(consent.given.0);
    out.list(&consent.provisions, |out, rule| {
        provision(out, rule);
        if coded {
            out.option(rule.codes.as_ref(), |out, codes| out.list(codes, Out::code));
        }
    });
    out.0
}

/// The consent of bytes; `None` if they are not those of one.
pub fn decode(bytes: &[u8]) -> Option<ConsentRule> {
    let mut from = In(bytes);
    let coded = match from.byte()? {
        VERSION => false,
        WITH_CODES => true,
        _ => return None,
    };
    let (patient, id) = (PatientOrd(from.ordinal()?), from.text()?);
    let (held, seal) = *KINDS.get(usize::from(from.byte()?))?;
    let consent = Consent {
        patient,
        id,
        held,
        seal,
        custodians: from.list(|from| from.ordinal().map(OrgOrd))?,
        key: from.text()?,
        supersedes: from.option(In::text)?,
        given: LogTime(from.number()?),
        provisions: from.list(|from| {
            let rule = provision_of(from)?;
            let codes = if coded { from.option(|from| from.list(In::code))? } else { None };
            Some(Rule { codes, ..rule })
        })?,
    };
    let said = coded == consent.provisions.iter().any(|provision| provision.codes.is_some());
    (from.0.is_empty() && said && !consent.provisions.is_empty()).then_some(consent)
}

fn provision(out: &mut Out, provision: &Rule) {
    out.byte(provision.permits.into());
    out.list(&provision.path, |out, at| out.byte(*at));
    out.byte(WHO.iter().position(|who| *who == provision.who).unwrap_or(0) as u8);
    out.number(provision.from.0);
    // The open end is the most frequent; moved to 0 it takes one byte.
    out.number(provision.until.0.wrapping_add(1));
    out.option(provision.actors.as_ref(), |out, named| {
        out.list(&named.organizations, |out, organization| out.number(organization.0.into()));
        out.list(&named.actors, |out, actor| out.number(actor.0.into()));
    });
    out.byte(provision.actions.0);
    out.option(provision.purposes.as_ref(), |out, purposes| {
        out.number(purposes.standard);
        out.list(&purposes.other, |out, name| out.text(name));
    });
    out.option(provision.labels.as_ref(), |out, labels| {
        out.option(labels.ceiling.as_ref(), |out, level| out.byte(*level as u8));
        out.option(labels.floor.as_ref(), |out, level| out.byte(*level as u8));
        out.number(labels.named);
    });
    out.option(provision.types.as_ref(), |out, types| {
        let types: Vec<ResourceType> = types.iter().collect();
        out.list(&types, |out, resource_type| out.byte(resource_type.0));
    });
    out.option(provision.days.as_ref(), |out, days| {
        out.signed(days.from);
        out.signed(days.until);
        out.byte(days.undated.into());
    });
    out.option(provision.data.as_ref(), |out, data| {
        for targets in [&data.instances, &data.related, &data.dependents] {
            out.list(targets, |out, target| {
                out.byte(target.resource_type.0);
                out.text(&target.id);
            });
        }
        out.list(&data.authors, |out, actor| out.number(actor.0.into()));
    });
}

fn provision_of(from: &mut In<'_>) -> Option<Rule> {
    Some(Provision {
        permits: from.flag()?,
        path: SmallVec::from_vec(from.list(In::byte)?),
        who: *WHO.get(usize::from(from.byte()?))?,
        from: LogTime(from.number()?),
        until: LogTime(from.number()?.wrapping_sub(1)),
        actors: from.option(|from| {
            let organizations = from.list(|from| from.ordinal().map(OrgOrd))?;
            let actors = from.list(|from| from.ordinal().map(ActorOrd))?;
            Some(Actors { organizations, actors })
        })?,
        actions: Actions(from.byte()?),
        purposes: from.option(|from| {
            Some(PurposeTest { standard: from.number()?, other: from.list(In::text)? })
        })?,
        labels: from.option(|from| {
            let (ceiling, floor) = (from.option(In::level)?, from.option(In::level)?);
            Some(LabelTest { ceiling, floor, named: from.number()? })
        })?,
        types: from
            .option(|from| Some(from.list(In::resource_type)?.into_iter().collect::<TypeSet>()))?,
        codes: None,
        days: from.option(|from| {
            let (from_day, until) = (from.signed()?, from.signed()?);
            Some(Days { from: from_day, until, undated: from.flag()? })
        })?,
        data: from.option(|from| {
            Some(Data {
                instances: from.list(In::target)?,
                related: from.list(In::target)?,
                dependents: from.list(In::target)?,
                authors: from.list(|from| from.ordinal().map(ActorOrd))?,
            })
        })?,
    })
}

struct Out(Vec<u8>);

impl Out {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn signed(&mut self, number: i32) {
        let wide = i64::from(number);
        self.number(((wide << 1) ^ (wide >> 63)) as u64);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn code(&mut self, code: &Code) {
        self.text(&code.system);
        self.text(&code.code);
    }

    fn list<T>(&mut self, items: &[T], each: impl Fn(&mut Out, &T)) {
        self.number(items.len() as u64);
        items.iter().for_each(|item| each(self, item));
    }

    fn option<T>(&mut self, item: Option<&T>, put: impl Fn(&mut Out, &T)) {
        self.byte(item.is_some().into());
        if let Some(item) = item {
            put(self, item);
        }
    }
}

struct In<'a>(&'a [u8]);

impl In<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // One form a number: nothing is lost at the top, no empty group at the end.
            if shift == 63 && bits > 1 || byte == 0 && shift > 0 {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn ordinal(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn signed(&mut self) -> Option<i32> {
        let number = self.number()?;
        i32::try_from((number >> 1) as i64 ^ -((number & 1) as i64)).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    fn list<T>(&mut self, each: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = usize::try_from(self.number()?).ok()?;
        // Every item takes a byte at least: no length asks for more memory than that.
        if length > self.0.len() {
            return None;
        }
        (0..length).map(|_| each(self)).collect()
    }

    fn option<T>(&mut self, part: impl Fn(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { part(self).map(Some) } else { Some(None) }
    }

    fn level(&mut self) -> Option<Level> {
        let at = usize::from(self.byte()?);
        Level::ALL.get(at).map(|(level, _)| *level)
    }

    fn resource_type(&mut self) -> Option<ResourceType> {
        let number = self.byte()?;
        ResourceType::ALL.into_iter().find(|resource_type| resource_type.0 == number)
    }

    fn code(&mut self) -> Option<Code> {
        Some(Code { system: self.text()?, code: self.text()? })
    }

    fn target(&mut self) -> Option<Target> {
        Some(Target::new(self.resource_type()?, self.text()?))
    }
}
