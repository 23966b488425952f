//! What an expression looks at, told from the expression alone.

use accord_spec::{Element, TypeId};

use crate::ast::BinaryOp;
use crate::compile::Function;
use crate::plan::{Op, Plan, Step};

/// A step to elements of one name.
#[derive(Clone, Debug)]
pub struct Read<'p> {
    /// The name, as in FHIRPath.
    pub name: &'p str,
    /// Types whose elements of this name are read.
    pub holders: Vec<TypeId>,
    /// Their elements that are read.
    pub elements: Vec<&'static Element>,
    /// Whether elements of further types are read, which only the resource tells.
    pub open: bool,
}

impl Plan {
    /// Every step of the expression; `None` if it also looks at what it does not name (all
    /// children, whole elements compared with each other), or rests on anything but the resource
    /// (the time, code systems, what is handed in).
    pub fn reads(&self) -> Option<Vec<Read<'_>>> {
        let mut reads = Vec::new();
        collect(&self.root, &mut reads)?;
        Some(reads)
    }
}

fn collect<'p>(op: &'p Op, reads: &mut Vec<Read<'p>>) -> Option<()> {
    match op {
        Op::Empty | Op::Input | Op::Index | Op::Resource | Op::Context | Op::Constant(_) => {
            Some(())
        }
        Op::Step(on, step) => {
            collect(on, reads)?;
            reads.push(read(step));
            Some(())
        }
        Op::At(on, _)
        | Op::OfType(on, _)
        | Op::Resolve(on)
        | Op::Count(on)
        | Op::Exists(on, _)
        | Op::Not(on)
        | Op::Is(on, _)
        | Op::Negate(on) => collect(on, reads),
        Op::Where(a, b)
        | Op::AtComputed(a, b)
        | Op::Logic(_, a, b)
        | Op::Union(a, b)
        | Op::Select(a, b) => collect(a, reads).and_then(|()| collect(b, reads)),
        Op::Equal(a, b, _) => of_operands(true, (a, b), reads),
        Op::Binary(operator, a, b) => of_operands(compares_elements(*operator), (a, b), reads),
        Op::If(parts) => parts.iter().try_for_each(|part| collect(part, reads)),
        Op::Call(call) if is_plain(call.function) => {
            collect(&call.on, reads)?;
            call.args.iter().try_for_each(|argument| collect(argument, reads))
        }
        Op::Call(_)
        | Op::Total
        | Op::External(_)
        | Op::Variable(_)
        | Op::Named(_)
        | Op::Define(..) => None,
    }
}

fn read(step: &Step) -> Read<'_> {
    let holders = step.cases.iter().map(|case| case.holder).collect();
    let elements = step.cases.iter().flat_map(|case| case.keys.iter().copied()).collect();
    Read { name: &step.name, holders, elements, open: step.open }
}

/// Elements that are compared whole are read to their last child, unless one side is a literal:
/// then only a primitive passes.
fn of_operands<'p>(whole: bool, (a, b): (&'p Op, &'p Op), reads: &mut Vec<Read<'p>>) -> Option<()> {
    let literal = |op: &Op| matches!(op, Op::Constant(_) | Op::Empty);
    if whole && !literal(a) && !literal(b) {
        return None;
    }
    collect(a, reads)?;
    collect(b, reads)
}

/// Operators that take elements of any type; others take primitives and quantities.
fn compares_elements(operator: BinaryOp) -> bool {
    use BinaryOp::{Contains, Equal, Equivalent, In, NotEqual, NotEquivalent, Union};
    matches!(operator, Equal | NotEqual | Equivalent | NotEquivalent | In | Contains | Union)
}

/// Functions of what they are applied to and of their arguments alone, that look at primitives or
/// at how many items there are.
fn is_plain(function: Function) -> bool {
    use Function::*;
    matches!(
        function,
        Abs | All
            | AllFalse
            | AllTrue
            | AnyFalse
            | AnyTrue
            | Ceiling
            | Coalesce
            | Combine
            | Contains
            | ConvertsTo(_)
            | EndsWith
            | Floor
            | GetValue
            | HasValue
            | IndexOf
            | Last
            | Length
            | Lower
            | Replace
            | Round
            | Single
            | Skip
            | Split
            | StartsWith
            | Substring
            | Tail
            | Take
            | To(_)
            | Trim
            | Truncate
            | Upper
    )
}

#[cfg(test)]
mod tests {
    use accord_spec::ResourceType;

    use crate::{Limits, compile, parse};

    fn reads(text: &str) -> Option<Vec<String>> {
        let on = ResourceType::OBSERVATION.type_id();
        let plan =
            compile(&parse(text, Limits::default()).unwrap(), on, Limits::default()).unwrap();
        let tell = |read: super::Read<'_>| {
            let holders: Vec<&str> = read.holders.iter().map(|of| of.name()).collect();
            format!("{}.{}{}", holders.join("/"), read.name, if read.open { "?" } else { "" })
        };
        plan.reads().map(|all| all.into_iter().map(tell).collect())
    }

    #[test]
    fn every_step_is_told_with_the_types_it_is_taken_from() {
        let of = |text: &str| reads(text).unwrap().join(" ");
        assert_eq!(of("Observation.subject.display"), "Observation.subject Reference.display");
        assert_eq!(
            of("extension.where(url = 'x').value.ofType(Coding).display"),
            "Observation.extension Extension.url Extension.value Coding.display"
        );
        assert_eq!(
            of("iif(status = 'final', value as Quantity, {})"),
            "Observation.status Observation.value"
        );
        assert_eq!(
            of("subject.where(resolve() is Patient) | code.text.lower()"),
            "Observation.subject Observation.code CodeableConcept.text"
        );
        assert!(of("extension.value.display").contains("Reference"));
    }

    #[test]
    fn what_looks_further_than_it_names_is_told() {
        for text in [
            "descendants()",
            "children().display",
            "repeat(component)",
            "subject = performer",
            "performer.distinct()",
            "subject in performer",
            "effective > now()",
            "code.memberOf('http://x.org')",
            "performer.isDistinct()",
            "defineVariable('x').status",
        ] {
            assert_eq!(reads(text), None, "{text}");
        }
    }
}
