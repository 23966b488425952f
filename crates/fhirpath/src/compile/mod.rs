//! From the tree to operations: names, choices and types are looked up here, once.

mod function;
mod operator;
mod path;
#[cfg(test)]
mod tests;
mod types;

use accord_spec::TypeId;

use crate::Limits;
use crate::ast::{Expr, ExprKind, Literal, Span, Variable};
use crate::error::CompileError;
use crate::plan::{Constant, Op, Plan};

/// Compiles an expression for evaluation on resources or elements of type `on`.
///
/// `as` is taken like `ofType`: it narrows every item of a collection, because R4's search
/// parameters apply it to elements that repeat.
///
/// # Errors
/// Unknown names, wrong arguments, and parts of the language that are not evaluated yet.
pub fn compile(expr: &Expr, on: TypeId, limits: Limits) -> Result<Plan, CompileError> {
    let compiler = Compiler { root: on };
    let typed = compiler.expr(expr, &[on])?;
    Ok(Plan { root: typed.op, types: typed.types, steps: limits.steps })
}

/// An operation with the FHIR types that its items can have; none if they are computed.
struct Typed {
    op: Op,
    types: Vec<TypeId>,
}

type Result_ = Result<Typed, CompileError>;

struct Compiler {
    root: TypeId,
}

impl Compiler {
    /// Compiles `expr` where the context is an item of one of the types `input`.
    fn expr(&self, expr: &Expr, input: &[TypeId]) -> Result_ {
        let span = expr.span.clone();
        match &expr.kind {
            ExprKind::Literal(literal) => literal_op(literal, span),
            ExprKind::Constant(name) => match name.as_str() {
                "resource" | "context" => Ok(Typed { op: Op::Resource, types: vec![self.root] }),
                _ => Err(CompileError::UnknownConstant { span, name: name.clone() }),
            },
            ExprKind::Variable(Variable::This) => Ok(Typed::input(input)),
            ExprKind::Variable(variable) => unsupported(span, &format!("{variable:?}")),
            ExprKind::Member { on: None, name } => self.first(name, input, span),
            ExprKind::Member { on: Some(on), name } => self.step(self.expr(on, input)?, name, span),
            ExprKind::Call { on, name, args } => {
                let on = match on {
                    Some(on) => self.expr(on, input)?,
                    None => Typed::input(input),
                };
                self.call(on, name, args, span)
            }
            ExprKind::Index { on, index } => self.index(self.expr(on, input)?, index),
            ExprKind::Polarity { .. } => unsupported(span, "-"),
            ExprKind::Type { op, on, name } => {
                let ty = types::named(name, &span)?;
                Ok(self.typed(*op, self.expr(on, input)?, ty))
            }
            ExprKind::Binary { op, left, right } => {
                self.binary(*op, self.expr(left, input)?, self.expr(right, input)?, span)
            }
        }
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
    let constant = match literal {
        Literal::Empty => return Ok(Typed::computed(Op::Empty)),
        Literal::Boolean(value) => Constant::Boolean(*value),
        Literal::String(text) => Constant::String(text.clone()),
        Literal::Number(text) => match text.parse() {
            Ok(number) => Constant::Integer(number),
            Err(_) => Constant::Decimal(text.clone()),
        },
        Literal::Date(_) | Literal::DateTime(_) | Literal::Time(_) => {
            return unsupported(span, "@");
        }
        Literal::Quantity { .. } | Literal::Duration { .. } => {
            return unsupported(span, &literal.to_string());
        }
    };
    Ok(Typed::computed(Op::Constant(constant)))
}

fn unsupported<T>(span: Span, function: &str) -> Result<T, CompileError> {
    Err(CompileError::Unsupported { span, function: function.to_owned() })
}
