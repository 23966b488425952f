//! Parameters of the operations on subscriptions: in the query, or as a resource.

use accord_engine::Category;
use accord_fhir::IssueCode;
use accord_fhir::json::{Value, parse};
use bytes::Bytes;
use hyper::body::Body;

use crate::answer::Asked;
use crate::app::App;
use crate::backend::Backend;
use crate::body::{BodyLimits, json};
use crate::params::{MAX_PARAMS, ParamFault, decode_into};
use crate::refusal::{Checked, Refusal};

/// Longest Parameters, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// The types that values may have.
const VALUES: [&str; 8] = [
    "valueString",
    "valueId",
    "valueCode",
    "valueInteger",
    "valueUnsignedInt",
    "valuePositiveInt",
    "valueDecimal",
    "valueUri",
];

/// Names and values.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Those of a request.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn read<S, B>(app: &App<S>, asked: &Asked<'_>, body: B) -> Checked<Params>
    where
        S: Backend,
        B: Body<Data = Bytes>,
    {
        let mut params = Vec::new();
        decode_into(&mut params, asked.parts.uri.query().unwrap_or_default())?;
        if !body.is_end_stream() {
            let (bytes, time) = (MAX_BYTES, app.0.options.body_time);
            let limits = BodyLimits { bytes, time, budget: &app.0.budget };
            let (body, _held) = json(&asked.parts.headers, body, limits).await?;
            of_resource(&mut params, &body)?;
        }
        if params.len() > MAX_PARAMS {
            return Err(ParamFault::TooMany.into());
        }
        Ok(Params(params))
    }

    /// Only these names may be there.
    ///
    /// # Errors
    /// If there are others.
    pub fn check(&self, names: &[&str]) -> Checked<()> {
        let known = |(name, _): &(String, String)| {
            names.contains(&&**name) || matches!(&**name, "_format" | "_pretty")
        };
        if self.0.iter().all(known) {
            return Ok(());
        }
        let text = match names {
            [] => "there are no parameters here".to_owned(),
            names => format!("the parameters here are `{}`", names.join("`, `")),
        };
        Err(Refusal::new(Category::Invalid, IssueCode::NotSupported, text))
    }

    /// All values of a name; those with commas are several.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let of = self.0.iter().filter(|(named, _)| named == name);
        of.flat_map(|(_, value)| value.split(',')).filter(|value| !value.is_empty()).collect()
    }

    /// The number of this name, 1 or more.
    ///
    /// # Errors
    /// If it is none, or there are several.
    pub fn number(&self, name: &str) -> Checked<Option<u64>> {
        let number = |text: &&str| text.parse().ok().filter(|number: &u64| *number > 0);
        match &self.all(name)[..] {
            [] => Ok(None),
            [one] if number(one).is_some() => Ok(number(one)),
            _ => Err(Refusal::invalid(format!("`{name}` is the number of an event"))),
        }
    }
}

/// Adds those of a Parameters resource.
fn of_resource(params: &mut Vec<(String, String)>, body: &[u8]) -> Checked<()> {
    let tape =
        parse(body, Default::default()).map_err(|error| Refusal::invalid(error.to_string()))?;
    for parameter in tape.root().get("parameter").map(Value::items).into_iter().flatten() {
        let name = parameter.get_str("name").unwrap_or_default().into_owned();
        let value = VALUES.iter().find_map(|kind| parameter.get(kind));
        let text =
            format!("a parameter has no value of one of the types `{}`", VALUES.join("`, `"));
        let value = value.ok_or_else(|| Refusal::invalid(text))?;
        let value = value.as_str().map_or_else(|| value.raw().to_owned(), Into::into);
        params.push((name, value));
    }
    Ok(())
}
