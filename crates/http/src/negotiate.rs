//! What the client wants to get and what it sends: `Accept`, `_format`, `_pretty`, `Prefer`,
//! `Accept-Encoding`, `Content-Type` (FHIR R4 http §3.1.0.1).

use accord_engine::PatchFormat;
use hyper::HeaderMap;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderName};

use crate::header::{list, single};
use crate::params::take;
use crate::refusal::{Checked, Refusal};

/// What answers are made of.
pub(crate) const FHIR_JSON: &str = "application/fhir+json; fhirVersion=4.0";

static PREFER: HeaderName = HeaderName::from_static("prefer");

/// Names of the JSON format, in `Accept`, `Content-Type` and `_format`.
const JSON_TYPES: [&str; 3] = ["application/fhir+json", "application/json", "text/json"];

/// How the client wants its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Wants {
    /// Indented.
    pub pretty: bool,
    /// Compressed when that is worth it.
    pub gzip: bool,
    /// What a write answers; `None` is the server's choice.
    pub returns: Option<Returns>,
    /// Unknown search parameters are set aside.
    pub lenient: bool,
}

/// `Prefer: return=…`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Returns {
    Minimal,
    Representation,
    Outcome,
}

/// The parameters that pages repeat in their links, because they shape the answer, not the query.
pub(crate) type Shaping = Vec<(&'static str, String)>;

impl Wants {
    /// What can be read without a chance of refusal, so that refusals too come as wanted.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Wants {
        let gzip = headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(accepts_gzip);
        let mut wants = Wants { gzip, ..Wants::default() };
        for value in headers.get_all(&PREFER).iter().filter_map(|value| value.to_str().ok()) {
            wants.prefer(value);
        }
        wants
    }

    /// Takes `_format` and `_pretty` out of the parameters and checks `Accept`.
    ///
    /// # Errors
    /// 406 if the client accepts no JSON.
    pub(crate) fn negotiate(
        &mut self,
        headers: &HeaderMap,
        params: &mut Vec<(String, String)>,
    ) -> Checked<Shaping> {
        let mut shaping = Shaping::new();
        if let Some(pretty) = take(params, "_pretty") {
            self.pretty = pretty == "true";
            shaping.push(("_pretty", pretty));
        }
        match take(params, "_format") {
            Some(format) => {
                check_format(&format)?;
                shaping.push(("_format", format));
            }
            None => check_accept(headers)?,
        }
        Ok(shaping)
    }

    fn prefer(&mut self, value: &str) {
        for preference in value.split([',', ';']) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            match (name.trim().to_ascii_lowercase().as_str(), value.as_str()) {
                ("return", "minimal") => self.returns = Some(Returns::Minimal),
                ("return", "representation") => self.returns = Some(Returns::Representation),
                ("return", "operationoutcome") => self.returns = Some(Returns::Outcome),
                ("handling", "lenient") => self.lenient = true,
                ("handling", "strict") => self.lenient = false,
                // Preferences that are not known are ignored (RFC 7240 §2).
                _ => {}
            }
        }
    }
}

fn check_format(format: &str) -> Checked<()> {
    let media_type = MediaType::parse(format);
    // A plus sign that was not encoded arrives as a space.
    let name = media_type.name.replace(' ', "+");
    if (name == "json" || JSON_TYPES.contains(&name.as_str())) && media_type.version_fits {
        return Ok(());
    }
    Err(Refusal::not_acceptable(format!("the format `{format}` is not supported; `json` is")))
}

fn check_accept(headers: &HeaderMap) -> Checked<()> {
    let mut values = headers.get_all(ACCEPT).iter();
    match (values.next(), values.next()) {
        (None, _) => return Ok(()),
        (Some(one), None) if one == "*/*" || one == "application/fhir+json" => return Ok(()),
        _ => {}
    }
    let ranges: Vec<MediaType> =
        list(headers, &ACCEPT)?.into_iter().map(MediaType::parse).collect();
    let is_json = |range: &MediaType| JSON_TYPES.contains(&range.name.as_str());
    let is_any =
        |range: &MediaType| matches!(range.name.as_str(), "*/*" | "application/*" | "text/*");
    let wanted = |range: &&MediaType| range.version_fits && !range.refused;
    let excluded = ranges.iter().any(|r| is_json(r) && r.refused);
    let accepted = ranges.is_empty()
        || ranges.iter().filter(wanted).any(|r| is_json(r) || (is_any(r) && !excluded));
    if accepted {
        return Ok(());
    }
    Err(Refusal::not_acceptable(
        "none of the accepted formats is supported; `application/fhir+json` of fhirVersion 4.0 is",
    ))
}

/// Checks that a body says it is FHIR JSON.
///
/// # Errors
/// 415 otherwise.
pub(crate) fn check_json_body(headers: &HeaderMap) -> Checked<()> {
    let Some(value) = single(headers, &CONTENT_TYPE)? else {
        return Err(Refusal::media_type("a content type is needed; `application/fhir+json`"));
    };
    if value == "application/fhir+json" {
        return Ok(());
    }
    let media_type = MediaType::parse(value);
    if JSON_TYPES.contains(&media_type.name.as_str()) && media_type.version_fits && media_type.utf8
    {
        return Ok(());
    }
    Err(Refusal::media_type(
        "the content type is not supported; `application/fhir+json` in UTF-8, of fhirVersion 4.0, is",
    ))
}

/// The kind of patch that a body says it is.
///
/// # Errors
/// 415 if it is none.
pub(crate) fn check_patch_body(headers: &HeaderMap) -> Checked<PatchFormat> {
    if let Some(value) = single(headers, &CONTENT_TYPE)? {
        let media_type = MediaType::parse(value);
        if media_type.name == PatchFormat::JSON_PATCH && media_type.utf8 {
            return Ok(PatchFormat::Json);
        }
        if !JSON_TYPES.contains(&media_type.name.as_str()) {
            let text = "the content type is not supported; `application/json-patch+json` is, and \
                        `application/fhir+json` for Parameters";
            return Err(Refusal::media_type(text));
        }
    }
    check_json_body(headers).map(|()| PatchFormat::Fhirpath)
}

/// Checks that a body says it is a form. An empty body need not say anything.
///
/// # Errors
/// 415 otherwise.
pub(crate) fn check_form_body(headers: &HeaderMap, empty: bool) -> Checked<()> {
    match single(headers, &CONTENT_TYPE)?.map(MediaType::parse) {
        None if empty => Ok(()),
        Some(form) if form.name == "application/x-www-form-urlencoded" && form.utf8 => Ok(()),
        _ => Err(Refusal::media_type(
            "a search by POST needs the content type `application/x-www-form-urlencoded`",
        )),
    }
}

/// A media type or range with the parameters that matter here.
struct MediaType {
    /// Lower case, without parameters.
    name: String,
    /// Whether `fhirVersion` is R4's, or not stated.
    version_fits: bool,
    /// Whether `charset` is UTF-8, or not stated.
    utf8: bool,
    /// Whether it stands with `q=0`.
    refused: bool,
}

impl MediaType {
    fn parse(text: &str) -> MediaType {
        let mut parts = text.split(';');
        let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut media_type = MediaType { name, version_fits: true, utf8: true, refused: false };
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "fhirversion" => media_type.version_fits = matches!(value, "4.0" | "4.0.1"),
                "charset" => media_type.utf8 = value.eq_ignore_ascii_case("utf-8"),
                "q" => media_type.refused = is_zero(value),
                _ => {}
            }
        }
        media_type
    }
}

fn accepts_gzip(value: &str) -> bool {
    let item = |coding: &str| {
        let mut parts = coding.split(';');
        let name = parts.next().unwrap_or_default().trim();
        let refused = parts.any(|p| p.trim().strip_prefix("q=").is_some_and(is_zero));
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    };
    value.split(',').any(item)
}

/// Whether a quality value is zero: `0`, `0.`, `0.000`.
fn is_zero(quality: &str) -> bool {
    quality.starts_with('0') && quality.bytes().all(|b| matches!(b, b'0' | b'.'))
}
