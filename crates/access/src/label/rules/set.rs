//! The rules in force, compiled for one walk over a resource.

use std::collections::{BTreeMap, HashMap};

use accord_spec::ResourceType;

use super::LabelRule;

/// The rules in force. Made anew when one changes; whoever has one prepared with it holds on to
/// it, and its [`version`](RuleSet::version) tells whether it is still the one in force.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    version: u64,
    /// By id of the resource that states them.
    stated: BTreeMap<String, Stated>,
    pub(super) inputs: Vec<Compiled>,
    /// By code system.
    systems: HashMap<String, System>,
    /// Inputs that a type alone meets.
    pub(super) by_type: Vec<u32>,
}

/// The rules of one resource.
#[derive(Clone, Debug)]
struct Stated {
    /// Id of the organisation that answers for it; empty for what all share.
    controller: String,
    rules: Vec<LabelRule>,
}

/// One input with the labels that meeting it gives.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub labels: u64,
    pub of: Option<ResourceType>,
    /// Whose data it is about; empty for everyone's.
    pub controller: String,
    /// One bit for each filter.
    pub needed: u64,
    pub paths: Vec<Vec<String>>,
}

/// An input, and which of its filters.
pub(super) type Place = (u32, u8);

#[derive(Clone, Debug, Default)]
struct System {
    exact: HashMap<String, Vec<Place>>,
    narrower: HashMap<String, Vec<Place>>,
}

impl RuleSet {
    /// Tells this set from those before and after it.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The rules that a resource states.
    pub fn of(&self, id: &str) -> &[LabelRule] {
        self.stated.get(id).map_or(&[], |stated| &stated.rules)
    }

    /// The labels that rules of one organisation give to its data.
    pub fn labels_of(&self, controller: &str) -> u64 {
        let own = self.stated.values().filter(|stated| stated.controller == controller);
        own.flat_map(|stated| &stated.rules).fold(0, |labels, rule| labels | rule.labels)
    }

    /// The set with the rules of one resource, in place of those it stated before.
    pub fn with(&self, id: &str, controller: &str, rules: Vec<LabelRule>) -> RuleSet {
        let mut stated = self.stated.clone();
        if rules.is_empty() {
            stated.remove(id);
        } else {
            stated.insert(id.to_owned(), Stated { controller: controller.to_owned(), rules });
        }
        let mut set = RuleSet { version: self.version + 1, stated, ..RuleSet::default() };
        set.compile();
        set
    }

    fn compile(&mut self) {
        for stated in self.stated.values() {
            for rule in &stated.rules {
                for input in &rule.inputs {
                    let at = self.inputs.len() as u32;
                    if input.filters.is_empty() {
                        self.by_type.push(at);
                    }
                    for (filter, place) in input.filters.iter().zip(0_u8..) {
                        for test in &filter.codes {
                            let system = self.systems.entry(test.system.clone()).or_default();
                            let codes = if test.narrower {
                                &mut system.narrower
                            } else {
                                &mut system.exact
                            };
                            codes.entry(test.code.clone()).or_default().push((at, place));
                        }
                    }
                    self.inputs.push(Compiled {
                        labels: rule.labels,
                        of: input.of,
                        controller: stated.controller.clone(),
                        needed: (0..input.filters.len()).fold(0, |bits, at| bits | 1 << at),
                        paths: input.filters.iter().map(|filter| filter.path.clone()).collect(),
                    });
                }
            }
        }
    }

    /// Hands every filter that a code meets to `hit`, wherever the code stands.
    pub(super) fn look_up(&self, system: &str, code: &str, mut hit: impl FnMut(Place)) {
        let Some(system) = self.systems.get(system) else { return };
        system.exact.get(code).into_iter().flatten().for_each(|place| hit(*place));
        if !system.narrower.is_empty() {
            for end in (1..=code.len()).filter(|end| code.is_char_boundary(*end)) {
                let broader = code.get(..end).and_then(|broader| system.narrower.get(broader));
                broader.into_iter().flatten().for_each(|place| hit(*place));
            }
        }
    }
}
