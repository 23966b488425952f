//! Union, intersection and difference of the codes of one code system.
//!
//! Of one table they are those of bitmaps. Of two tables of the same system (other versions, or
//! one made of listed codes) codes are compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{CodeSet, Codes, Part};
use crate::TermError;

impl Part {
    /// Takes in another part of the same system. False if it has to stay beside this one, without
    /// the codes that both have.
    pub(super) fn unite(&mut self, other: &mut Part) -> bool {
        match (&mut self.codes, &mut other.codes) {
            (
                Codes::Table { system, bits, told },
                Codes::Table { system: theirs, bits: more, told: also },
            ) => {
                if !Arc::ptr_eq(system, theirs) {
                    *more = pick(more, |at| {
                        system.find(theirs.code(at)).is_none_or(|own| !bits.contains(own))
                    });
                    return false;
                }
                *bits |= &*more;
                if !also.is_empty() {
                    let told = Arc::make_mut(told);
                    for (at, listed) in also.iter() {
                        told.entry(*at).or_insert_with(|| listed.clone());
                    }
                }
                self.open |= other.open;
                true
            }
            (Codes::Grammar { except, .. }, Codes::Grammar { except: theirs, .. }) => {
                *except = except.intersection(theirs).cloned().collect();
                true
            }
            (Codes::Grammar { grammar, except }, Codes::Table { system, bits, .. }) => {
                for at in bits.iter() {
                    except.remove(system.code(at));
                }
                *bits = pick(bits, |at| !grammar.permits(system.code(at)));
                bits.is_empty()
            }
            (Codes::Table { .. }, Codes::Grammar { .. }) => {
                std::mem::swap(self, other);
                self.unite(other)
            }
        }
    }

    /// Keeps what is in the other set too.
    pub(super) fn intersect(&mut self, other: &CodeSet) {
        let url = self.url().to_owned();
        let open = self.open && other.is_open(Some(&url));
        let fits = other.parts.iter().filter(|part| part.url() == url);
        match &mut self.codes {
            Codes::Table { system, bits, .. } => {
                let mut kept = RoaringBitmap::new();
                for part in fits {
                    kept |= match &part.codes {
                        Codes::Table { system: theirs, bits: also, .. }
                            if Arc::ptr_eq(system, theirs) =>
                        {
                            &*bits & also
                        }
                        _ => pick(bits, |at| part.entry(system.code(at)).is_some()),
                    };
                }
                *bits = kept;
            }
            Codes::Grammar { grammar, except } => {
                let (grammar, left_out) = (*grammar, std::mem::take(except));
                let mut parts = fits.cloned();
                match parts.next() {
                    Some(Part { codes: Codes::Grammar { except: theirs, .. }, .. }) => {
                        *except = left_out.union(&theirs).cloned().collect();
                    }
                    Some(mut part) => {
                        if let Codes::Table { system, bits, .. } = &mut part.codes {
                            *bits = pick(bits, |at| {
                                let code = system.code(at);
                                grammar.permits(code) && !left_out.contains(code)
                            });
                        }
                        *self = part;
                    }
                    None => *self = nothing(),
                }
            }
        }
        self.open = open;
    }

    /// Takes out what is in another part of the same system.
    ///
    /// # Errors
    /// If a grammar less a table less … cannot be told: never for what value sets can say today.
    pub(super) fn subtract(&mut self, taken: &Part) -> Result<(), TermError> {
        match (&mut self.codes, &taken.codes) {
            (
                Codes::Table { system, bits, .. },
                Codes::Table { system: theirs, bits: less, .. },
            ) if Arc::ptr_eq(system, theirs) => {
                *bits -= less;
            }
            (Codes::Table { system, bits, .. }, _) => {
                *bits = pick(bits, |at| taken.entry(system.code(at)).is_none());
            }
            (Codes::Grammar { except, .. }, Codes::Table { system, bits, .. }) => {
                except.extend(bits.iter().map(|at| system.code(at).to_owned()));
            }
            (Codes::Grammar { except, .. }, Codes::Grammar { except: theirs, .. }) => {
                // All but some, less all but some: the few that only the other one leaves out.
                let left: BTreeSet<String> = theirs.difference(except).cloned().collect();
                if !left.is_empty() {
                    let text = "a value set that is all of a grammar less nearly all of it";
                    return Err(TermError::Invalid(format!("{text} is not supported")));
                }
                *self = nothing();
            }
        }
        Ok(())
    }
}

fn pick(bits: &RoaringBitmap, keep: impl Fn(u32) -> bool) -> RoaringBitmap {
    bits.iter().filter(|at| keep(*at)).collect()
}

/// A part without codes, which is dropped.
fn nothing() -> Part {
    Part::table(Arc::new(crate::CodeSystem::listed("", None, &[])), RoaringBitmap::new(), false)
}
