//! Expressions back to text: what [`crate::parse`] reads as an equal tree.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::ast::{Expr, ExprKind, Literal, PATH_POWER, POLARITY_POWER, TYPE_POWER};
use crate::ast::{TypeName, TypeOp, Variable};
use crate::parse::{is_keyword, is_word};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Literal(literal) => literal.fmt(f),
            ExprKind::Constant(name) => {
                f.write_char('%')?;
                identifier(f, name)
            }
            ExprKind::Variable(Variable::This) => f.write_str("$this"),
            ExprKind::Variable(Variable::Index) => f.write_str("$index"),
            ExprKind::Variable(Variable::Total) => f.write_str("$total"),
            ExprKind::Member { on, name } => invocation(f, on.as_deref(), name),
            ExprKind::Call { on, name, args } => {
                invocation(f, on.as_deref(), name)?;
                arguments(f, args)
            }
            ExprKind::Index { on, index } => {
                operand(f, on, PATH_POWER)?;
                write!(f, "[{index}]")
            }
            ExprKind::Polarity { negative, on } => {
                f.write_char(if *negative { '-' } else { '+' })?;
                operand(f, on, POLARITY_POWER)
            }
            ExprKind::Type { op, on, name } => {
                operand(f, on, TYPE_POWER)?;
                f.write_str(if *op == TypeOp::Is { " is " } else { " as " })?;
                name.fmt(f)
            }
            ExprKind::Binary { op, left, right } => {
                operand(f, left, op.power())?;
                write!(f, " {} ", op.sign())?;
                operand(f, right, op.power() + 1)
            }
        }
    }
}

impl Display for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char('.')?;
            }
            identifier(f, part)?;
        }
        Ok(())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Empty => f.write_str("{}"),
            Literal::Boolean(value) => value.fmt(f),
            Literal::String(text) => delimited(f, '\'', text),
            Literal::Number(text) => f.write_str(text),
            Literal::Long(text) => write!(f, "{text}L"),
            Literal::Date(text) | Literal::DateTime(text) => write!(f, "@{text}"),
            Literal::Time(text) => write!(f, "@T{text}"),
            Literal::Quantity { value, unit } => {
                write!(f, "{value} ")?;
                delimited(f, '\'', unit)
            }
            Literal::Duration { value, unit } => write!(f, "{value} {unit}"),
        }
    }
}

/// `expr`, in brackets if it binds less strongly than `power`.
fn operand(f: &mut Formatter<'_>, expr: &Expr, power: u8) -> fmt::Result {
    if expr.power() < power { write!(f, "({expr})") } else { expr.fmt(f) }
}

fn invocation(f: &mut Formatter<'_>, on: Option<&Expr>, name: &str) -> fmt::Result {
    let Some(on) = on else { return identifier(f, name) };
    operand(f, on, PATH_POWER)?;
    f.write_char('.')?;
    identifier(f, name)
}

fn arguments(f: &mut Formatter<'_>, args: &[Expr]) -> fmt::Result {
    f.write_char('(')?;
    for (at, arg) in args.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        arg.fmt(f)?;
    }
    f.write_char(')')
}

fn identifier(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    if is_word(name) && !is_keyword(name) { f.write_str(name) } else { delimited(f, '`', name) }
}

fn delimited(f: &mut Formatter<'_>, quote: char, text: &str) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c == quote => write!(f, "\\{c}")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}
