//! Steps from element to element.

use accord_spec::{TypeId, TypeKind, is_subtype};

use super::{Compiler, Result_, Typed};
use crate::ast::{Expr, ExprKind, Literal, Span, TypeOp};
use crate::error::CompileError;
use crate::item::UNTYPED;
use crate::plan::{Case, Op, Step, Type, narrows};

impl Compiler<'_> {
    /// The first name of a path: an element of the context, or else the name of its type.
    pub(super) fn first(&self, name: &str, input: &[TypeId], span: Span) -> Result_ {
        if input.contains(&UNTYPED) {
            let step = self.step(Typed::input(input), name, span)?;
            return Ok(match step.op {
                Op::Step(_, open) => Typed { op: Op::Named(open), types: vec![UNTYPED] },
                op => Typed { op, types: step.types },
            });
        }
        let begins_type = name.starts_with(|c: char| c.is_ascii_uppercase());
        let ty = TypeId::from_name(name).filter(|ty| {
            begins_type && matches!(ty.kind(), TypeKind::Resource | TypeKind::Abstract)
        });
        let Some(ty) = ty else { return self.step(Typed::input(input), name, span) };
        if input.iter().all(|i| is_subtype(*i, ty)) {
            return Ok(Typed::input(input));
        }
        if !input.iter().any(|i| is_subtype(ty, *i) || is_subtype(*i, ty)) {
            // Never of that type; what follows is still checked against its definition.
            return Ok(Typed { op: Op::Empty, types: vec![ty] });
        }
        Ok(narrowed(Typed::input(input), Type::Fhir(ty)))
    }

    /// `on.name`
    pub(super) fn step(&self, on: Typed, name: &str, span: Span) -> Result_ {
        let mut types = Vec::new();
        let mut cases = Vec::new();
        let mut open = false;
        for &holder in &on.types {
            let keys: Box<[_]> = holder.elements_by_path_name(name).collect();
            if keys.is_empty() && is_open(holder) {
                open = true;
                types.extend([TypeId::ELEMENT, TypeId::RESOURCE]);
                types.extend((holder == UNTYPED).then_some(UNTYPED));
            }
            open |= is_open(holder);
            types.extend(keys.iter().map(|key| key.ty));
            if !keys.is_empty() {
                cases.push(Case { holder, keys });
            }
        }
        // Every resource tells its type under this name, which no definition has.
        let resource = |ty: &TypeId| ty.resource().is_some() || *ty == TypeId::RESOURCE;
        open |= name == "resourceType" && on.types.iter().any(resource);
        // A computed quantity has these two.
        open |= on.types.is_empty() && matches!(name, "value" | "unit");
        if cases.is_empty() && !open {
            let names: Vec<&str> = on.types.iter().map(|ty| ty.name()).collect();
            let holder = if names.is_empty() { "System".to_owned() } else { names.join(", ") };
            return Err(CompileError::UnknownElement { span, holder, name: name.to_owned() });
        }
        types.sort_unstable();
        types.dedup();
        let step = Step { name: name.into(), cases: cases.into(), open };
        let op = if matches!(on.op, Op::Empty) { on.op } else { Op::Step(Box::new(on.op), step) };
        Ok(Typed { op, types })
    }

    /// `on[index]`
    pub(super) fn index(&self, on: Typed, index: &Expr, input: &[TypeId]) -> Result_ {
        let at = Box::new(on.op);
        let op = match &index.kind {
            ExprKind::Literal(Literal::Number(text)) if text.parse::<usize>().is_ok() => {
                Op::At(at, text.parse().unwrap_or_default())
            }
            _ => Op::AtComputed(at, Box::new(self.scoped(index, input)?.op)),
        };
        Ok(Typed { op, types: on.types })
    }

    pub(super) fn typed(&self, op: TypeOp, on: Typed, ty: Type) -> Typed {
        match op {
            TypeOp::As => narrowed(on, ty),
            TypeOp::Is => Typed::computed(Op::Is(Box::new(on.op), ty)),
        }
    }
}

/// Items of `on` that are of type `ty`. Where `on` ends in a step to a choice, the step itself is
/// narrowed, so that nothing is left to test when it is evaluated.
pub(super) fn narrowed(mut on: Typed, ty: Type) -> Typed {
    let ty = match ty {
        // Elements are no values of the language.
        Type::Both(target, _) if !on.types.is_empty() && !on.types.contains(&UNTYPED) => {
            Type::Fhir(target)
        }
        ty => ty,
    };
    let Type::Fhir(target) = ty else {
        return Typed { op: Op::OfType(Box::new(on.op), ty), types: on.types };
    };
    let known = !on.types.is_empty() && !on.types.iter().any(|t| is_open(*t));
    on.types.retain(|t| narrows(*t, target));
    match &mut on.op {
        Op::Step(_, step) if known && !step.open => {
            for case in &mut step.cases {
                let keys = std::mem::take(&mut case.keys).into_vec();
                case.keys = keys.into_iter().filter(|k| narrows(k.ty, target)).collect();
            }
            on
        }
        _ => {
            if !known {
                on.types = vec![target];
            }
            Typed { op: Op::OfType(Box::new(on.op), ty), types: on.types }
        }
    }
}

/// Whether the type alone does not tell which elements there are.
pub(super) fn is_open(ty: TypeId) -> bool {
    ty.kind() == TypeKind::Abstract
}
