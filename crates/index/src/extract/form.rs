//! Datatypes by how values are read from them.

use std::sync::LazyLock;

use accord_spec::{Primitive, TypeId, is_subtype};

/// How values are read from a datatype.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Address,
    CodeableConcept,
    Coding,
    ContactPoint,
    HumanName,
    Identifier,
    Money,
    Period,
    /// `Quantity` and its specialisations: Age, Count, Distance, Duration.
    Quantity,
    Range,
    Reference,
    Timing,
    Primitive(Primitive),
    Other,
}

/// The form of a type.
pub(super) fn form(ty: TypeId) -> Form {
    static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
        (0..u16::MAX).map(TypeId).take_while(|ty| !ty.name().is_empty()).map(look_up).collect()
    });
    FORMS.get(usize::from(ty.0)).copied().unwrap_or(Form::Other)
}

fn look_up(ty: TypeId) -> Form {
    if let Some(primitive) = ty.primitive() {
        return Form::Primitive(primitive);
    }
    if is_subtype(ty, TypeId::QUANTITY) {
        return Form::Quantity;
    }
    match ty.name() {
        "Address" => Form::Address,
        "CodeableConcept" => Form::CodeableConcept,
        "Coding" => Form::Coding,
        "ContactPoint" => Form::ContactPoint,
        "HumanName" => Form::HumanName,
        "Identifier" => Form::Identifier,
        "Money" => Form::Money,
        "Period" => Form::Period,
        "Range" => Form::Range,
        "Reference" => Form::Reference,
        "Timing" => Form::Timing,
        _ => Form::Other,
    }
}
