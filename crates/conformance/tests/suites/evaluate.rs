//! An expression on a document, as the suites of FHIRPath ask for it.

use accord_fhir::json;
use accord_fhirpath::{Element, Env, Item, Limits, UNTYPED, compile_with, parse};
use accord_spec::TypeId;

/// What is evaluated on what.
pub struct Question<'q> {
    pub expression: &'q str,
    pub document: &'q str,
    /// Whether the document is taken by the R4 definitions.
    pub typed: bool,
    /// The type of the document, where it is a part of a resource.
    pub part: Option<&'q str>,
    /// From the document to what the expression is evaluated on.
    pub context: Option<&'q str>,
    /// Name and JSON of what is handed in.
    pub variables: &'q [(String, String)],
}

/// Why an expression gives nothing.
pub enum Fault {
    Syntax(String),
    Semantic(String),
    Execution(String),
}

/// 2026-11-22T10:00:00Z, in microseconds.
const NOW_US: i64 = 1_795_341_600_000_000;

/// Hands the items to `take`.
pub fn evaluate<T>(
    question: &Question<'_>,
    take: impl FnOnce(&[Item<'_>]) -> T,
) -> Result<T, Fault> {
    let limits = Limits::default();
    let expr = parse(question.expression, limits).map_err(|e| Fault::Syntax(e.to_string()))?;
    let printed = parse(&expr.to_string(), limits).map_err(|e| Fault::Syntax(e.to_string()))?;
    assert_eq!(expr, printed, "{}", question.expression);
    let tape = json::parse(question.document.as_bytes(), json::Limits::default()).unwrap();
    let resource = Element::resource(tape.root()).filter(|_| question.typed);
    let mut on = resource.unwrap_or(Element::untyped(tape.root()));
    if let Some(ty) = question.part.and_then(TypeId::from_name) {
        on.ty = ty;
    }
    let names: Vec<&str> = question.variables.iter().map(|(name, _)| name.as_str()).collect();
    let tapes: Vec<json::Tape> = question
        .variables
        .iter()
        .map(|(_, text)| json::parse(text.as_bytes(), json::Limits::default()).unwrap())
        .collect();
    let externals: Vec<Vec<Item<'_>>> = tapes.iter().map(external).collect();
    let plan =
        compile_with(&expr, on.ty, &names, limits).map_err(|e| Fault::Semantic(e.to_string()))?;
    let env = Env::new(tape.root(), &|_| None).at(NOW_US).with_externals(&externals);
    let env = if on.ty == UNTYPED { env.untyped() } else { env };
    let way = question.context.map(|context| parse(context, limits).unwrap());
    let way = way.map(|way| compile_with(&way, on.ty, &[], limits).unwrap());
    if let Some(way) = &way {
        let Item::Element(element) = way.items(&env, on).unwrap().remove(0) else { panic!() };
        on = element;
    }
    let items = plan.items(&env, on).map_err(|e| Fault::Execution(e.to_string()))?;
    Ok(take(&items))
}

fn external(tape: &json::Tape) -> Vec<Item<'_>> {
    let values = tape.root().each().filter(|v| v.kind() != json::Kind::Null);
    values
        .map(|value| Item::Element(Element::resource(value).unwrap_or(Element::untyped(value))))
        .collect()
}

/// An item as a text: values of the language as `toString()` gives them, elements as JSON.
pub fn show(item: &Item<'_>) -> String {
    match item {
        Item::Element(Element { value: Some(value), .. }) => match value.as_str() {
            Some(text) => text.into_owned(),
            None => value.raw().to_owned(),
        },
        Item::Element(_) => String::new(),
        Item::Elsewhere(ty) => format!("<{ty:?}>"),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) | Item::Long(value) => value.to_string(),
        Item::Decimal(number) => number.to_string(),
        Item::String(text) => text.to_string(),
        Item::Moment(moment) => moment.to_string(),
        Item::Quantity(quantity) => quantity.to_string(),
        Item::Type(info) => {
            format!(r#"{{"name":"{}","namespace":"{}"}}"#, info.name, info.namespace)
        }
    }
}
