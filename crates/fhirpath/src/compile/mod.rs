//! From the tree to operations: names, choices and types are looked up here, once.

mod function;
mod operator;
mod path;
mod table;
#[cfg(test)]
mod tests;
mod types;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use accord_spec::TypeId;

use crate::Limits;
use crate::ast::{Expr, ExprKind, Literal, Span, Variable};
use crate::error::CompileError;
use crate::item::{Item, UNTYPED};
use crate::plan::{Op, Plan};
use crate::value::{Moment, Number, Quantity};

pub(crate) use table::{Function, Target};

/// Compiles an expression for evaluation on resources or elements of type `on`.
///
/// `as` is taken like `ofType`: it narrows every item of a collection, because R4's search
/// parameters apply it to elements that repeat.
///
/// # Errors
/// Unknown names, wrong arguments, and parts of the language that are not evaluated.
pub fn compile(expr: &Expr, on: TypeId, limits: Limits) -> Result<Plan, CompileError> {
    compile_with(expr, on, &[], limits)
}

/// As [`compile`], with collections that the expression can use as `%name`: names, in the order
/// in which [`Env::with_externals`](crate::Env::with_externals) gets the collections.
///
/// # Errors
/// As [`compile`].
pub fn compile_with(
    expr: &Expr,
    on: TypeId,
    externals: &[&str],
    limits: Limits,
) -> Result<Plan, CompileError> {
    let compiler =
        Compiler { root: on, externals, scope: RefCell::new(Vec::new()), places: Cell::new(0) };
    let typed = compiler.expr(expr, &[on])?;
    Ok(Plan { root: typed.op, types: typed.types, steps: limits.steps })
}

/// An operation with the FHIR types that its items can have; none if they are computed.
struct Typed {
    op: Op,
    types: Vec<TypeId>,
}

type Result_ = Result<Typed, CompileError>;

struct Compiler<'e> {
    root: TypeId,
    externals: &'e [&'e str],
    /// Variables in force, the innermost last.
    scope: RefCell<Vec<Kept>>,
    /// How many places variables have taken so far.
    places: Cell<usize>,
}

/// A variable.
struct Kept {
    name: String,
    place: usize,
    types: Vec<TypeId>,
}

impl Compiler<'_> {
    /// Compiles `expr` where the context is an item of one of the types `input`.
    fn expr(&self, expr: &Expr, input: &[TypeId]) -> Result_ {
        let span = expr.span.clone();
        match &expr.kind {
            ExprKind::Literal(literal) => literal_op(literal, span),
            ExprKind::Constant(name) => self.constant(name, span),
            ExprKind::Variable(Variable::This) => Ok(Typed::input(input)),
            ExprKind::Variable(Variable::Index) => Ok(Typed::computed(Op::Index)),
            ExprKind::Variable(Variable::Total) => {
                Ok(Typed { op: Op::Total, types: vec![UNTYPED] })
            }
            ExprKind::Member { on: None, name } => self.first(name, input, span),
            ExprKind::Member { on: Some(on), name } => self.step(self.expr(on, input)?, name, span),
            ExprKind::Call { on, name, args } => {
                let on = match on {
                    Some(on) => self.expr(on, input)?,
                    None => Typed::input(input),
                };
                self.call(on, name, args, input, span)
            }
            ExprKind::Index { on, index } => self.index(self.expr(on, input)?, index, input),
            ExprKind::Polarity { negative, on } => {
                let on = self.scoped(on, input)?;
                // A plus changes nothing, but stands before numbers alone.
                let negated = Op::Negate(Box::new(on.op));
                let op = if *negative { negated } else { Op::Negate(Box::new(negated)) };
                Ok(Typed::computed(op))
            }
            ExprKind::Type { op, on, name } => {
                let ty = types::named(name, &span)?;
                Ok(self.typed(*op, self.scoped(on, input)?, ty))
            }
            ExprKind::Binary { op, left, right } => {
                Ok(self.binary(*op, self.scoped(left, input)?, self.scoped(right, input)?))
            }
        }
    }

    /// As [`Compiler::expr`]; variables that are defined in it end with it.
    fn scoped(&self, expr: &Expr, input: &[TypeId]) -> Result_ {
        let before = self.scope.borrow().len();
        let typed = self.expr(expr, input);
        self.scope.borrow_mut().truncate(before);
        typed
    }

    fn constant(&self, name: &str, span: Span) -> Result_ {
        let text = |text: String| Ok(Typed::computed(Op::Constant(Item::String(Cow::Owned(text)))));
        if let Some(kept) = self.scope.borrow().iter().rev().find(|kept| kept.name == name) {
            return Ok(Typed { op: Op::Variable(kept.place), types: kept.types.clone() });
        }
        if let Some(place) = self.externals.iter().position(|own| *own == name) {
            return Ok(Typed { op: Op::External(place), types: vec![UNTYPED] });
        }
        match name {
            "resource" | "rootResource" => Ok(Typed { op: Op::Resource, types: self.resource() }),
            "context" => Ok(Typed { op: Op::Context, types: vec![self.root] }),
            "sct" => text("http://snomed.info/sct".to_owned()),
            "loinc" => text("http://loinc.org".to_owned()),
            "ucum" => text("http://unitsofmeasure.org".to_owned()),
            _ => match (name.strip_prefix("vs-"), name.strip_prefix("ext-")) {
                (Some(set), _) => text(format!("http://hl7.org/fhir/ValueSet/{set}")),
                (_, Some(url)) => text(format!("http://hl7.org/fhir/StructureDefinition/{url}")),
                _ => Err(CompileError::UnknownConstant { span, name: name.to_owned() }),
            },
        }
    }

    /// What the resource can be: known where the expression is evaluated on the resource itself.
    fn resource(&self) -> Vec<TypeId> {
        let known = self.root.resource().is_some();
        vec![if known { self.root } else { UNTYPED }]
    }

    fn is_known(&self, name: &str) -> bool {
        self.scope.borrow().iter().any(|kept| kept.name == name)
            || self.constant(name, 0..0).is_ok()
    }

    /// Takes a place for a variable.
    fn keep(&self, name: &str, types: Vec<TypeId>) -> usize {
        let place = self.places.get();
        self.places.set(place + 1);
        self.scope.borrow_mut().push(Kept { name: name.to_owned(), place, types });
        place
    }
}

impl Typed {
    fn input(types: &[TypeId]) -> Typed {
        Typed { op: Op::Input, types: types.to_vec() }
    }

    fn computed(op: Op) -> Typed {
        Typed { op, types: Vec::new() }
    }
}

fn literal_op(literal: &Literal, span: Span) -> Result_ {
    let wrong = || CompileError::Literal { span: span.clone(), text: literal.to_string() };
    let number = |text: &str| Number::parse(text).ok_or_else(wrong);
    let item = match literal {
        Literal::Empty => return Ok(Typed::computed(Op::Empty)),
        Literal::Boolean(value) => Item::Boolean(*value),
        Literal::String(text) => Item::String(Cow::Owned(text.clone())),
        Literal::Long(text) => Item::Long(text.parse().map_err(|_| wrong())?),
        Literal::Number(text) => match text.parse() {
            Ok(whole) => Item::Integer(whole),
            Err(_) => Item::Decimal(number(text)?),
        },
        Literal::Date(text) => Item::Moment(Moment::date(text).ok_or_else(wrong)?),
        Literal::DateTime(text) => Item::Moment(Moment::date_time(text).ok_or_else(wrong)?),
        Literal::Time(text) => Item::Moment(Moment::time(text).ok_or_else(wrong)?),
        Literal::Quantity { value, unit } => {
            Item::Quantity(Box::new(Quantity::new(number(value)?, unit.clone(), true)))
        }
        Literal::Duration { value, unit } => {
            Item::Quantity(Box::new(Quantity::new(number(value)?, unit.clone(), false)))
        }
    };
    Ok(Typed::computed(Op::Constant(item)))
}

fn unsupported<T>(span: Span, function: &str) -> Result<T, CompileError> {
    Err(CompileError::Unsupported { span, function: function.to_owned() })
}
