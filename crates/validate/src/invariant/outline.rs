//! What can be told of an expression from which elements are there, without their values.
//!
//! Most invariants ask nothing else (`low.exists() or high.exists()`), and most others have nothing
//! to ask where an element is absent (`start.exists() implies …`). An outline answers those from
//! the bits of the slots that an object fills; what it leaves open is evaluated.
//!
//! **Invariant:** where an outline tells a truth, evaluation tells the same or fails.

use accord_fhirpath::ast::{BinaryOp, Expr, ExprKind, Literal, TypeOp};
use accord_spec::TypeId;

use crate::object::Slots;

/// What is known of the value of an expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Truth {
    True,
    False,
    /// The expression yields nothing.
    Nothing,
    /// Values must be looked at.
    Open,
}

/// An expression as far as it depends on presence alone.
#[derive(Debug)]
pub(crate) enum Outline {
    Known(Truth),
    /// One truth where none of these slots is filled, another where one is.
    Filled {
        slots: Slots,
        none: Truth,
        some: Truth,
    },
    Not(Box<Outline>),
    Logic(BinaryOp, Box<Outline>, Box<Outline>),
    /// Equal truths; with the flag, unequal ones. Nothing if either side is nothing.
    Same(Box<Outline>, Box<Outline>, bool),
}

/// Which slots make a collection other than empty.
#[derive(Clone, Copy)]
enum Presence {
    /// There are items if and only if one of these is filled.
    Exactly(Slots),
    /// There are none if none of these is filled.
    AtMost(Slots),
    Open,
}

/// Functions that give nothing where they are called on nothing.
const STRICT: [&str; 20] = [
    "as",
    "children",
    "contains",
    "descendants",
    "extension",
    "first",
    "last",
    "matches",
    "ofType",
    "replaceMatches",
    "resolve",
    "select",
    "single",
    "startsWith",
    "substring",
    "tail",
    "toInteger",
    "toString",
    "trace",
    "where",
];

impl Outline {
    /// The outline of an expression about an object of type `ty`.
    pub fn of(expr: &Expr, ty: TypeId) -> Outline {
        match &expr.kind {
            ExprKind::Literal(Literal::Boolean(value)) => Outline::Known(known(*value)),
            ExprKind::Call { on: Some(on), name, args } => {
                Outline::of_call(on, name, args, expr, ty)
            }
            ExprKind::Binary { op, left, right } => Outline::of_binary(*op, left, right, expr, ty),
            ExprKind::Type { op: TypeOp::Is, on, .. } => Outline::operand(on, ty),
            _ => Outline::operand(expr, ty),
        }
    }

    fn of_call(on: &Expr, name: &str, args: &[Expr], expr: &Expr, ty: TypeId) -> Outline {
        let filled = |none, some| Outline::filled(presence(on, ty), none, some);
        match (name, args) {
            ("exists", []) => filled(Truth::False, Truth::True),
            ("empty", []) => filled(Truth::True, Truth::False),
            ("exists", _) => filled(Truth::False, Truth::Open),
            ("hasValue", _) => filled(Truth::False, Truth::Open),
            ("all" | "isDistinct", _) => filled(Truth::True, Truth::Open),
            ("not", []) => Outline::Not(Box::new(Outline::of(on, ty))),
            _ => Outline::operand(expr, ty),
        }
    }

    fn of_binary(op: BinaryOp, left: &Expr, right: &Expr, expr: &Expr, ty: TypeId) -> Outline {
        let boxed = |expr: &Expr| Box::new(Outline::of(expr, ty));
        let operands = |negated| {
            let side = |expr: &Expr| {
                let own = if is_test(expr) { Outline::of } else { Outline::operand };
                Box::new(own(expr, ty))
            };
            Outline::Same(side(left), side(right), negated)
        };
        match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor | BinaryOp::Implies => {
                Outline::Logic(op, boxed(left), boxed(right))
            }
            BinaryOp::Equal => operands(false),
            BinaryOp::NotEqual => operands(true),
            BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual => {
                let side = |expr| Box::new(Outline::operand(expr, ty));
                Outline::Same(side(left), side(right), false)
            }
            // `x in list` is nothing where `x` is.
            BinaryOp::In => Outline::operand(left, ty),
            BinaryOp::Union => Outline::operand(expr, ty),
            _ => Outline::Known(Truth::Open),
        }
    }

    /// A collection whose values matter, if it has any.
    fn operand(expr: &Expr, ty: TypeId) -> Outline {
        Outline::filled(presence(expr, ty), Truth::Nothing, Truth::Open)
    }

    fn filled(presence: Presence, none: Truth, some: Truth) -> Outline {
        match presence {
            Presence::Exactly(slots) => Outline::Filled { slots, none, some },
            Presence::AtMost(slots) => Outline::Filled { slots, none, some: Truth::Open },
            Presence::Open => Outline::Known(Truth::Open),
        }
    }

    /// The truth for an object that fills these slots.
    pub fn truth(&self, filled: Slots) -> Truth {
        match self {
            Outline::Known(truth) => *truth,
            Outline::Filled { slots, none, some } => {
                if filled & slots == 0 {
                    *none
                } else {
                    *some
                }
            }
            Outline::Not(on) => match on.truth(filled) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                other => other,
            },
            Outline::Logic(op, left, right) => {
                logic(*op, left.truth(filled), || right.truth(filled))
            }
            Outline::Same(left, right, negated) => {
                match (left.truth(filled), right.truth(filled)) {
                    (Truth::Nothing, _) | (_, Truth::Nothing) => Truth::Nothing,
                    (Truth::Open, _) | (_, Truth::Open) => Truth::Open,
                    (left, right) => known((left == right) != *negated),
                }
            }
        }
    }
}

fn known(value: bool) -> Truth {
    if value { Truth::True } else { Truth::False }
}

/// Whether an expression is a truth value of presence, so that equality compares truths.
fn is_test(expr: &Expr) -> bool {
    let ExprKind::Call { name, .. } = &expr.kind else { return false };
    matches!(name.as_str(), "exists" | "empty" | "hasValue" | "all" | "not")
}

fn presence(expr: &Expr, ty: TypeId) -> Presence {
    match &expr.kind {
        ExprKind::Member { on: None, name } => {
            let place = ty.slots().iter().position(|slot| slot.path_name == name);
            place.filter(|at| *at < 64).map_or(Presence::Open, |at| Presence::Exactly(1 << at))
        }
        ExprKind::Member { on: Some(on), .. } | ExprKind::Index { on, .. } => below(on, ty),
        ExprKind::Type { op: TypeOp::As, on, .. } => below(on, ty),
        ExprKind::Call { on: Some(on), name, .. } if STRICT.contains(&name.as_str()) => {
            below(on, ty)
        }
        ExprKind::Binary { op: BinaryOp::Union, left, right } => {
            match (presence(left, ty), presence(right, ty)) {
                (Presence::Exactly(l), Presence::Exactly(r)) => Presence::Exactly(l | r),
                (Presence::Open, _) | (_, Presence::Open) => Presence::Open,
                (
                    Presence::Exactly(l) | Presence::AtMost(l),
                    Presence::Exactly(r) | Presence::AtMost(r),
                ) => Presence::AtMost(l | r),
            }
        }
        _ => Presence::Open,
    }
}

/// Of what is reached from a collection: nothing is reached from nothing.
fn below(on: &Expr, ty: TypeId) -> Presence {
    match presence(on, ty) {
        Presence::Exactly(slots) | Presence::AtMost(slots) => Presence::AtMost(slots),
        Presence::Open => Presence::Open,
    }
}

/// The table of the language (FHIRPath N1 §6.5), with what is open.
fn logic(op: BinaryOp, left: Truth, right: impl FnOnce() -> Truth) -> Truth {
    use Truth::{False, Nothing, Open, True};
    match (op, left) {
        (BinaryOp::And, False) => return False,
        (BinaryOp::Or, True) | (BinaryOp::Implies, False) => return True,
        _ => {}
    }
    match (op, left, right()) {
        (BinaryOp::And, _, False) => False,
        (BinaryOp::Or | BinaryOp::Implies, _, True) => True,
        (BinaryOp::Xor, Nothing, _) | (BinaryOp::Xor, _, Nothing) => Nothing,
        (_, Open, _) | (_, _, Open) => Open,
        (BinaryOp::And, True, right) | (BinaryOp::Implies, True, right) => right,
        (BinaryOp::Or, False, right) => right,
        (BinaryOp::Xor, left, right) => known(left != right),
        _ => Nothing,
    }
}
