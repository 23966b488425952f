//! The invariants of each type, compiled once.

use std::collections::HashMap;
use std::sync::LazyLock;

use accord_fhirpath::{Limits, Plan, compile, parse};
use accord_spec::{Invariant, TypeId, invariants};

use super::lists::{CORRECTED, Entry, HANDMADE, Hand, LEFT_OUT, MET_BY_NOTHING, WALKED};
use super::outline::Outline;

/// An invariant, ready to be asked of objects of one type.
#[derive(Debug)]
pub(crate) struct Rule {
    pub invariant: &'static Invariant,
    pub outline: Outline,
    pub check: Check,
    /// Whether an expression that yields nothing is met.
    pub met_by_nothing: bool,
}

/// How what the outline leaves open is decided.
#[derive(Debug)]
pub(crate) enum Check {
    Plan(Box<Plan>),
    /// Written by hand, where the expression takes time that grows with the square of the size.
    Hand(Hand),
}

/// A rule of an element, as the type that holds it defines it.
#[derive(Debug)]
pub(crate) struct ElementRule {
    /// Name of the element in JSON.
    pub name: &'static str,
    pub rule: Rule,
}

/// What is asked of objects of one type.
#[derive(Debug, Default)]
pub(crate) struct TypeRules {
    /// Inherited ones included: those that are errors, then those that warn.
    pub errors: Vec<Rule>,
    pub warnings: Vec<Rule>,
    /// Of its elements.
    pub elements: Vec<ElementRule>,
}

static RULES: LazyLock<Vec<TypeRules>> = LazyLock::new(|| {
    let mut own: HashMap<TypeId, Vec<&'static Invariant>> = HashMap::new();
    let mut elements: HashMap<TypeId, Vec<ElementRule>> = HashMap::new();
    for invariant in invariants().iter().filter(|i| !is_listed(WALKED, i)) {
        if let Some(ty) = TypeId::from_name(invariant.at) {
            own.entry(ty).or_default().push(invariant);
        } else if let Some((holder, rules)) = of_element(invariant) {
            elements.entry(holder).or_default().extend(rules);
        }
    }
    let all = (0..u16::MAX).map(TypeId).take_while(|ty| !ty.name().is_empty());
    all.map(|ty| TypeRules::gather(ty, &own, elements.remove(&ty).unwrap_or_default())).collect()
});

/// What is asked of objects of a type; compiled at the first call.
pub(crate) fn of(ty: TypeId) -> Option<&'static TypeRules> {
    RULES.get(usize::from(ty.0))
}

/// Whether a list names an invariant.
pub(crate) fn is_listed<T>(list: &[Entry<T>], invariant: &Invariant) -> bool {
    find(list, invariant).is_some()
}

fn find<'l, T>(list: &'l [Entry<T>], invariant: &Invariant) -> Option<&'l T> {
    let it = list.iter().find(|(at, key, _)| *at == invariant.at && *key == invariant.key);
    it.map(|(_, _, what)| what)
}

impl TypeRules {
    fn gather(
        ty: TypeId,
        own: &HashMap<TypeId, Vec<&'static Invariant>>,
        elements: Vec<ElementRule>,
    ) -> TypeRules {
        let chain = std::iter::successors(Some(ty), |ty| ty.base());
        let invariants = chain.filter_map(|ty| own.get(&ty)).flatten();
        // Compiled for the type itself: steps look for elements by the type that holds them.
        let rules = invariants.filter_map(|invariant| Rule::of(invariant, ty));
        let (errors, warnings) = rules.partition(|rule| rule.invariant.is_error);
        TypeRules { errors, warnings, elements }
    }
}

impl Rule {
    /// An invariant of objects of type `ty`; `None` if it is left out, or asks for elements that
    /// the type does not have (a rule of a choice, of one of its types).
    pub fn of(invariant: &'static Invariant, ty: TypeId) -> Option<Rule> {
        if is_listed(LEFT_OUT, invariant) {
            return None;
        }
        let corrected = find(CORRECTED, invariant);
        let text = corrected.map_or(invariant.expression, |(expression, _)| expression);
        let expr = parse(text, Limits::default()).ok()?;
        let outline = Outline::of(&expr, ty);
        let check = match find(HANDMADE, invariant) {
            Some(hand) => Check::Hand(*hand),
            None => Check::Plan(Box::new(compile(&expr, ty, Limits::default()).ok()?)),
        };
        let met_by_nothing = is_listed(MET_BY_NOTHING, invariant);
        Some(Rule { invariant, outline, check, met_by_nothing })
    }
}

/// The rules that an invariant of an element is: one for each of its types.
fn of_element(invariant: &'static Invariant) -> Option<(TypeId, Vec<ElementRule>)> {
    let (holder, name) = invariant.at.rsplit_once('.')?;
    let holder = TypeId::from_name(holder)?;
    let path_name = name.strip_suffix("[x]").unwrap_or(name);
    let rules = holder
        .elements_by_path_name(path_name)
        .filter_map(|e| Some(ElementRule { name: e.name, rule: Rule::of(invariant, e.ty)? }));
    Some((holder, rules.collect()))
}
