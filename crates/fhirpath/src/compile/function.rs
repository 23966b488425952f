//! Functions.

use accord_spec::TypeId;

use super::table::{Arguments, Yields, signature};
use super::{Compiler, Result_, Typed, types, unsupported};
use crate::ast::{BinaryOp, Expr, ExprKind, Literal, Span, TypeOp};
use crate::error::CompileError;
use crate::item::UNTYPED;
use crate::plan::{Call, Op};

/// Functions that are evaluated item by item; see [`Compiler::call`].
const STREAMED: [&str; 16] = [
    "as",
    "count",
    "defineVariable",
    "empty",
    "exists",
    "extension",
    "first",
    "hasExtension",
    "iif",
    "is",
    "not",
    "ofType",
    "resolve",
    "select",
    "union",
    "where",
];

/// How often the types that `repeat` reaches are looked for anew.
const ROUNDS: usize = 8;

impl Compiler<'_> {
    /// `on.name(args)`
    pub(super) fn call(
        &self,
        on: Typed,
        name: &str,
        args: &[Expr],
        input: &[TypeId],
        span: Span,
    ) -> Result_ {
        let boxed = |op| Box::new(op);
        match (name, args) {
            ("where", [criterion]) => self.filtered(on, criterion),
            ("exists", [criterion]) => Ok(exists(self.filtered(on, criterion)?, false)),
            ("exists", []) => Ok(exists(on, false)),
            ("empty", []) => Ok(exists(on, true)),
            ("not", []) => Ok(Typed::computed(Op::Not(boxed(on.op)))),
            ("count", []) => Ok(Typed::computed(Op::Count(boxed(on.op)))),
            ("first", []) => Ok(Typed { op: Op::At(boxed(on.op), 0), types: on.types }),
            ("ofType" | "as", [ty]) => self.cast(TypeOp::As, on, ty, span),
            ("is", [ty]) => self.cast(TypeOp::Is, on, ty, span),
            ("extension", [url]) => self.extension(on, url, input, span),
            ("hasExtension", [url]) => Ok(exists(self.extension(on, url, input, span)?, false)),
            ("resolve", []) => {
                Ok(Typed { op: Op::Resolve(boxed(on.op)), types: vec![TypeId::RESOURCE] })
            }
            ("select", [projection]) => {
                let each = self.scoped(projection, &on.types)?;
                let op = Op::Select(boxed(on.op), boxed(each.op));
                Ok(Typed { op, types: each.types })
            }
            ("union", [other]) => {
                let other = self.scoped(other, input)?;
                Ok(self.binary(BinaryOp::Union, on, other))
            }
            ("iif", [_, _] | [_, _, _]) => self.either(on, args, input),
            ("defineVariable", [_] | [_, _]) => self.define(on, args, span),
            _ => self.collected(on, name, args, input, span),
        }
    }

    /// A function of the table.
    fn collected(
        &self,
        on: Typed,
        name: &str,
        args: &[Expr],
        input: &[TypeId],
        span: Span,
    ) -> Result_ {
        let Some(signature) = signature(name) else {
            return if STREAMED.contains(&name) {
                Err(CompileError::Arguments { span, function: name.to_owned() })
            } else {
                unsupported(span, name)
            };
        };
        if !(signature.least..=signature.most).contains(&args.len()) {
            return Err(CompileError::Arguments { span, function: name.to_owned() });
        }
        let repeats = matches!(signature.yields, Yields::First);
        let own = if repeats { self.reached(&on.types, args)? } else { on.types.clone() };
        let mut first = None;
        let mut ops = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            let each = match signature.arguments {
                Arguments::Values => false,
                Arguments::First => at == 0,
                Arguments::Rest => at > 0,
                Arguments::Each => true,
            };
            let typed = self.scoped(arg, if each { &own } else { input })?;
            ops.push(typed.op);
            first.get_or_insert(typed.types);
        }
        let first = first.unwrap_or_default();
        let types = match signature.yields {
            Yields::Computed => Vec::new(),
            Yields::Input => on.types,
            Yields::Either => merged(on.types, first),
            Yields::First => first,
            Yields::Any => vec![UNTYPED],
        };
        let call = Call { function: signature.function, on: on.op, args: ops };
        Ok(Typed { op: Op::Call(Box::new(call)), types })
    }

    /// The types that an expression reaches from `types` when it is applied again and again.
    fn reached(&self, types: &[TypeId], args: &[Expr]) -> Result<Vec<TypeId>, CompileError> {
        let mut all = types.to_vec();
        let Some(step) = args.first() else { return Ok(all) };
        for _ in 0..ROUNDS {
            let found = self.scoped(step, &all)?.types;
            let more = merged(all.clone(), found);
            if more.len() == all.len() {
                return Ok(all);
            }
            all = more;
        }
        Ok(vec![UNTYPED])
    }

    fn filtered(&self, on: Typed, criterion: &Expr) -> Result_ {
        let test = self.scoped(criterion, &on.types)?;
        Ok(Typed { op: Op::Where(Box::new(on.op), Box::new(test.op)), types: on.types })
    }

    fn either(&self, on: Typed, args: &[Expr], input: &[TypeId]) -> Result_ {
        // Called on nothing, it is evaluated for the item at hand.
        let own = if matches!(on.op, Op::Input) { input } else { &on.types };
        let part = |at: usize| match args.get(at) {
            Some(arg) => self.scoped(arg, own),
            None => Ok(Typed::computed(Op::Empty)),
        };
        let (test, yes, no) = (part(0)?, part(1)?, part(2)?);
        let types = merged(yes.types, no.types);
        Ok(Typed { op: Op::If(Box::new([test.op, yes.op, no.op, on.op])), types })
    }

    /// `defineVariable(name, value)`: the rest of the chain, and what is evaluated for its items,
    /// can use `%name`.
    fn define(&self, on: Typed, args: &[Expr], span: Span) -> Result_ {
        let wrong =
            || CompileError::Arguments { span: span.clone(), function: "defineVariable".into() };
        let Some(ExprKind::Literal(Literal::String(name))) = args.first().map(|arg| &arg.kind)
        else {
            return Err(wrong());
        };
        if self.is_known(name) {
            return Err(wrong());
        }
        let (value, types) = match args.get(1) {
            Some(value) => {
                let typed = self.scoped(value, &on.types)?;
                (Some(Box::new(typed.op)), typed.types)
            }
            None => (None, on.types.clone()),
        };
        let place = self.keep(name, types);
        Ok(Typed { op: Op::Define(Box::new(on.op), place, value), types: on.types })
    }

    fn cast(&self, op: TypeOp, on: Typed, ty: &Expr, span: Span) -> Result_ {
        let function = if op == TypeOp::Is { "is" } else { "as" }.to_owned();
        let name = types::argument(ty).ok_or(CompileError::Arguments { span, function })?;
        Ok(self.typed(op, on, types::named(&name, &ty.span)?))
    }

    /// `extension(url)` is `extension.where(url = …)` (FHIR R4 FHIRPath §2.9.1.1).
    fn extension(&self, on: Typed, url: &Expr, input: &[TypeId], span: Span) -> Result_ {
        let extensions = self.step(on, "extension", span.clone())?;
        let own = self.step(Typed::input(&extensions.types), "url", span)?;
        let wanted = self.scoped(url, input)?;
        let test = Op::Equal(Box::new(own.op), Box::new(wanted.op), false);
        let op = Op::Where(Box::new(extensions.op), Box::new(test));
        Ok(Typed { op, types: extensions.types })
    }
}

/// Both lists, without repeats.
pub(super) fn merged(mut types: Vec<TypeId>, more: Vec<TypeId>) -> Vec<TypeId> {
    types.extend(more);
    types.sort_unstable();
    types.dedup();
    types
}

/// Whether there are items, or, negated, whether there are none.
fn exists(on: Typed, negated: bool) -> Typed {
    Typed::computed(Op::Exists(Box::new(on.op), negated))
}
