//! Names of types.

use accord_spec::{TypeId, TypeKind};

use crate::ast::{Expr, ExprKind, Span, TypeName};
use crate::error::CompileError;
use crate::plan::{SystemType, Type};

/// The type that a name means: of the model first, of the language else (FHIRPath N1 §6.3).
pub(super) fn named(name: &TypeName, span: &Span) -> Result<Type, CompileError> {
    let parts: Vec<&str> = name.0.iter().map(String::as_str).collect();
    let found = match parts.as_slice() {
        ["Quantity"] => Some(Type::Both(TypeId::QUANTITY, SystemType::Quantity)),
        [name] => fhir(name).or_else(|| system(name)),
        ["FHIR", name] => fhir(name),
        ["System", name] => Some(system(name).unwrap_or(Type::System(SystemType::Other))),
        _ => None,
    };
    found.ok_or_else(|| CompileError::UnknownType { span: span.clone(), name: name.to_string() })
}

/// A type written as the argument of a function: `ofType(FHIR.Patient)`.
pub(super) fn argument(expr: &Expr) -> Option<TypeName> {
    match &expr.kind {
        ExprKind::Member { on: None, name } => Some(TypeName(vec![name.clone()])),
        ExprKind::Member { on: Some(on), name } => {
            let mut parts = argument(on)?;
            parts.0.push(name.clone());
            Some(parts)
        }
        _ => None,
    }
}

fn fhir(name: &str) -> Option<Type> {
    let ty = TypeId::from_name(name)?;
    // Backbone elements have no name of their own in the language.
    (ty.kind() != TypeKind::Backbone).then_some(Type::Fhir(ty))
}

fn system(name: &str) -> Option<Type> {
    Some(Type::System(match name {
        "Boolean" => SystemType::Boolean,
        "Integer" => SystemType::Integer,
        "Decimal" => SystemType::Decimal,
        "String" => SystemType::String,
        "Long" => SystemType::Long,
        "Date" => SystemType::Date,
        "DateTime" => SystemType::DateTime,
        "Time" => SystemType::Time,
        "Quantity" => SystemType::Quantity,
        "Any" => SystemType::Any,
        _ => return None,
    }))
}
