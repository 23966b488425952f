//! Functions.

use accord_spec::TypeId;

use super::{Compiler, Result_, Typed, types, unsupported};
use crate::ast::{Expr, Span, TypeOp};
use crate::error::CompileError;
use crate::plan::Op;

/// Functions that are evaluated; see [`Compiler::call`].
const KNOWN: [&str; 12] = [
    "as",
    "count",
    "empty",
    "exists",
    "extension",
    "first",
    "hasExtension",
    "is",
    "not",
    "ofType",
    "resolve",
    "where",
];

impl Compiler {
    /// `on.name(args)`
    pub(super) fn call(&self, on: Typed, name: &str, args: &[Expr], span: Span) -> Result_ {
        match (name, args) {
            ("where", [criterion]) => self.filtered(on, criterion),
            ("exists", [criterion]) => Ok(exists(self.filtered(on, criterion)?, false)),
            ("exists", []) => Ok(exists(on, false)),
            ("empty", []) => Ok(exists(on, true)),
            ("not", []) => Ok(Typed::computed(Op::Not(Box::new(on.op)))),
            ("count", []) => Ok(Typed::computed(Op::Count(Box::new(on.op)))),
            ("first", []) => Ok(Typed { op: Op::At(Box::new(on.op), 0), types: on.types }),
            ("ofType" | "as", [ty]) => self.cast(TypeOp::As, on, ty, span),
            ("is", [ty]) => self.cast(TypeOp::Is, on, ty, span),
            ("extension", [url]) => self.extension(on, url, span),
            ("hasExtension", [url]) => Ok(exists(self.extension(on, url, span)?, false)),
            ("resolve", []) => {
                let op = Op::Resolve(Box::new(on.op));
                Ok(Typed { op, types: vec![TypeId::RESOURCE] })
            }
            _ if KNOWN.contains(&name) => {
                Err(CompileError::Arguments { span, function: name.to_owned() })
            }
            _ => unsupported(span, name),
        }
    }

    fn filtered(&self, on: Typed, criterion: &Expr) -> Result_ {
        let test = self.expr(criterion, &on.types)?;
        Ok(Typed { op: Op::Where(Box::new(on.op), Box::new(test.op)), types: on.types })
    }

    fn cast(&self, op: TypeOp, on: Typed, ty: &Expr, span: Span) -> Result_ {
        let function = if op == TypeOp::Is { "is" } else { "as" }.to_owned();
        let name = types::argument(ty).ok_or(CompileError::Arguments { span, function })?;
        Ok(self.typed(op, on, types::named(&name, &ty.span)?))
    }

    /// `extension(url)` is `extension.where(url = …)` (FHIR R4 FHIRPath §2.9.1.1).
    fn extension(&self, on: Typed, url: &Expr, span: Span) -> Result_ {
        let extensions = self.step(on, "extension", span.clone())?;
        let own = self.step(Typed::input(&[TypeId::EXTENSION]), "url", span)?;
        let wanted = self.expr(url, &[self.root])?;
        let test = Op::Equal(Box::new(own.op), Box::new(wanted.op), false);
        let op = Op::Where(Box::new(extensions.op), Box::new(test));
        Ok(Typed { op, types: vec![TypeId::EXTENSION] })
    }
}

/// Whether there are items, or, negated, whether there are none.
fn exists(on: Typed, negated: bool) -> Typed {
    Typed::computed(Op::Exists(Box::new(on.op), negated))
}
